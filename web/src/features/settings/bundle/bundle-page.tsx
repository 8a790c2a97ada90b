import { useMutation } from '@tanstack/react-query'
import { ArrowRight, Download } from 'lucide-react'
import { useState } from 'react'
import { root } from '../../../api/client'
import type { Problem } from '../../../api/problem'
import { switchEnvironment, useMay, useSession } from '../../../api/session'
import { ProblemNotice } from '../../../forms/problem-notice'
import { Button } from '../../../ui/button'
import { Card } from '../../../ui/card'
import { Confirm } from '../../../ui/dialog'
import { Notice } from '../../../ui/notice'
import { Page } from '../../../ui/page'
import { Muted, Row, Stack } from '../../../ui/stack'
import { toast } from '../../../ui/toast'
import { carry, exportBundle, type Warning } from './bundle'
import { Import } from './import'
import { words } from './words'

/** Exports this environment's setup as a file, and applies a file to this environment. */
export function SetupBundle() {
  const mayWriteWorkflows = useMay('workflow.write')
  const mayWriteTemplates = useMay('case_template.write')
  return (
    <Page title={words.title} body="column">
      <Stack>
        <Muted>{words.what}</Muted>
        <Export />
        {mayWriteWorkflows && mayWriteTemplates && <Import />}
      </Stack>
    </Page>
  )
}

const nameOf = (environment: string) => words.environments[environment] ?? environment

function Export() {
  const session = useSession()
  const [copyingTo, setCopyingTo] = useState<(typeof session.environments)[number]>()
  const [warnings, setWarnings] = useState<Warning[]>([])
  const download = useMutation<Awaited<ReturnType<typeof exportBundle>>, Problem>({
    mutationFn: exportBundle,
    onSuccess: ({ yaml, warnings }) => {
      setWarnings(warnings)
      save(yaml, `docket-${session.environment}.yaml`)
    },
  })
  const copy = useMutation<void, Problem, (typeof session.environments)[number]>({
    mutationFn: async (environment) => {
      const { yaml } = await exportBundle()
      if (!carry({ text: yaml, from: session.environment })) return save(yaml, `docket-${session.environment}.yaml`)
      await switchEnvironment(environment)
      location.assign(new URL('settings/bundle', root))
    },
    onError: (problem) => toast.failed(words.notExported, { detail: problem.message }),
    onSettled: () => setCopyingTo(undefined),
  })
  const others = session.environments.filter((environment) => environment !== session.environment)
  return (
    <Card title={words.export}>
      <Stack gap={3}>
        <Muted>{words.exportHint(nameOf(session.environment))}</Muted>
        <Row wraps>
          <Button icon={<Download size={14} />} isBusy={download.isPending} onClick={() => download.mutate()}>
            {words.download}
          </Button>
          {others.map((environment) => (
            <Button key={environment} icon={<ArrowRight size={14} />} onClick={() => setCopyingTo(environment)}>
              {words.copyTo(nameOf(environment))}
            </Button>
          ))}
        </Row>
        <ProblemNotice problem={download.error} />
        {warnings.length > 0 && (
          <Notice tone="warn" isAlert>
            {words.warnings}
            <ul>
              {warnings.map(({ workflow, at, message }) => (
                <li key={`${workflow} ${at} ${message}`}>{words.messageAt(workflow, at, message)}</li>
              ))}
            </ul>
          </Notice>
        )}
      </Stack>
      <Confirm
        isOpen={copyingTo !== undefined}
        onClose={() => setCopyingTo(undefined)}
        title={words.copyTitle(nameOf(copyingTo ?? ''))}
        description={words.copyHint(nameOf(copyingTo ?? ''))}
        confirm={words.copy}
        isBusy={copy.isPending}
        onConfirm={() => copyingTo && copy.mutate(copyingTo)}
      />
    </Card>
  )
}

/** Saves a text as a file. */
function save(text: string, name: string) {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
