import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Problem } from '../../../api/problem'
import { useSession } from '../../../api/session'
import { ProblemNotice } from '../../../forms/problem-notice'
import { Button } from '../../../ui/button'
import { Card } from '../../../ui/card'
import { Checkbox } from '../../../ui/checkbox'
import { Confirm } from '../../../ui/dialog'
import { Field, Input } from '../../../ui/field'
import { Notice } from '../../../ui/notice'
import { Muted, Row, Stack } from '../../../ui/stack'
import { toast } from '../../../ui/toast'
import { applyBundle, carriedHere, type Plan, planBundle, setDown } from './bundle'
import { PlanView } from './plan-view'
import { words } from './words'

interface Source {
  text: string
  label: string
}

/** A file, the changes that it would make, and the button to apply them. */
export function Import() {
  const { environment } = useSession()
  const nameOf = (kind: string) => words.environments[kind] ?? kind
  const [source, setSource] = useState<Source | undefined>(() => {
    const carried = carriedHere(environment)
    return carried && { text: carried.text, label: words.copied(nameOf(carried.from)) }
  })
  const [publish, setPublish] = useState(false)
  const [prune, setPrune] = useState(false)
  const read = async (file: File | undefined) => {
    if (file) setSource({ text: await file.text(), label: words.chosen(file.name) })
  }
  return (
    <Card title={words.import}>
      <Stack gap={3}>
        <Field label={words.file} hint={words.importHint}>
          <Input
            type="file"
            accept=".yaml,.yml,.json"
            // Browsers report no change if a corrected file with the same name is chosen again.
            onClick={({ currentTarget }) => {
              currentTarget.value = ''
            }}
            onChange={({ target }) => void read(target.files?.[0])}
          />
        </Field>
        <Checkbox label={words.publish} hint={words.publishHint} isChecked={publish} onChange={setPublish} />
        <Checkbox label={words.prune} hint={words.pruneHint} isChecked={prune} onChange={setPrune} />
        {source && (
          <>
            <Muted>{source.label}</Muted>
            <Planned text={source.text} publish={publish} prune={prune} environment={nameOf(environment)} />
          </>
        )}
      </Stack>
    </Card>
  )
}

interface PlannedProps {
  text: string
  publish: boolean
  prune: boolean
  environment: string
}

function Planned({ text, publish, prune, environment }: PlannedProps) {
  const client = useQueryClient()
  const [isSure, setIsSure] = useState(false)
  const query = useQuery<Plan, Problem>({
    queryKey: ['setup-bundle-plan', text, publish, prune],
    queryFn: () => planBundle({ text, publish, prune }),
    // After a change of the options, the old plan of the same file stays visible until the new one arrives.
    placeholderData: (plan, query) => (query?.queryKey[1] === text ? plan : undefined),
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  })
  const apply = useMutation<Plan, Problem, Plan>({
    mutationFn: (plan) => applyBundle({ text, publish, prune }, plan.digest),
    onSuccess: async () => {
      setDown()
      toast.done(words.applied)
      await client.invalidateQueries()
    },
    onSettled: () => setIsSure(false),
  })
  const plan = query.data
  if (query.error) return <ProblemNotice problem={query.error} />
  if (!plan) return <Muted>{words.planning}</Muted>
  const count = (action: string) => plan.items.filter((item) => item.action === action).length
  const again = () => {
    apply.reset()
    void query.refetch()
  }
  return (
    <section aria-label={words.plan}>
      <Stack gap={3}>
        {!plan.changes && <Notice tone="good">{words.nothing}</Notice>}
        <PlanView plan={plan} />
        {apply.error && (
          <Notice tone="bad" isAlert action={<Button onClick={again}>{words.again}</Button>}>
            {apply.error.message}
          </Notice>
        )}
        {plan.changes && (
          <Row>
            <Button
              look="primary"
              disabled={!plan.applicable || query.isPlaceholderData}
              isBusy={apply.isPending}
              onClick={() => setIsSure(true)}
            >
              {words.apply}
            </Button>
          </Row>
        )}
      </Stack>
      <Confirm
        isOpen={isSure}
        onClose={() => setIsSure(false)}
        title={words.applyTitle(environment)}
        description={words.applyHint(count('create'), count('change'))}
        confirm={words.apply}
        isBusy={apply.isPending}
        onConfirm={() => apply.mutate(plan)}
      />
    </section>
  )
}
