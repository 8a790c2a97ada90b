import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Play } from 'lucide-react'
import { useRef, useState } from 'react'
import { useMay } from '../../api/session'
import { templatesQuery } from '../../forms/case-status'
import { QueryState } from '../../forms/query-state'
import { useCommands } from '../../ui/commands'
import { Page } from '../../ui/page'
import { SkeletonRows } from '../../ui/states'
import { useEventTypes, useStepTypes } from './editor/catalogue'
import { OpenEditor } from './editor/editor'
import { workflowQuery } from './editor/workflow'
import { RunNow } from './run-now'
import { words } from './words'

const route = getRouteApi('/shell/workflows/$workflowId')

/** The editor of a workflow, after all its data was loaded. */
export function WorkflowPage() {
  const { workflowId } = route.useParams()
  const { step } = route.useSearch()
  const [isRunning, setIsRunning] = useState(false)
  // Opens the dialog to publish the draft, if the draft differs from the live version.
  const publish = useRef<(() => void) | undefined>(undefined)
  const mayRun = useMay('workflow.trigger')
  const workflow = useQuery({ ...workflowQuery(workflowId), staleTime: 0 })
  const stepTypes = useStepTypes()
  const eventTypes = useEventTypes()
  const templates = useQuery(templatesQuery).data
  const attributes = workflow.data?.data.attributes
  const isLive = attributes?.state === 'running' && attributes.publishedDefinition !== null
  useCommands(
    attributes && isLive && mayRun
      ? [
          {
            id: 'run-now',
            label: words.runNowOf(attributes.name),
            group: words.workflow,
            icon: <Play size={14} />,
            synonyms: [words.runNow],
            run: () => setIsRunning(true),
          },
        ]
      : [],
  )
  return (
    <QueryState query={workflow} title={words.workflow}>
      {({ data, etag }) =>
        stepTypes && eventTypes && templates ? (
          <>
            <OpenEditor
              key={workflowId}
              workflow={data}
              etag={etag ?? ''}
              step={step}
              stepTypes={stepTypes}
              eventTypes={eventTypes}
              templates={templates}
              publish={publish}
              onRunNow={() => setIsRunning(true)}
            />
            {isRunning && (
              <RunNow
                workflow={data}
                onPublish={
                  publish.current &&
                  (() => {
                    setIsRunning(false)
                    publish.current?.()
                  })
                }
                onClose={() => setIsRunning(false)}
              />
            )}
          </>
        ) : (
          <Page title={data.attributes.name} body="bare">
            <SkeletonRows />
          </Page>
        )
      }
    </QueryState>
  )
}
