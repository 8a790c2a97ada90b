import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { wholeQuery } from '../api/queries'
import type { WorkflowAttributes } from '../api/resources'
import { useMay } from '../api/session'

const workflowsQuery = wholeQuery<WorkflowAttributes, '/workflows'>(['workflow', 'list', 'names'], '/workflows', {
  query: { 'page[size]': 100 },
})

/** The names of workflows by their ids, newest first: a run refers to its workflow only by id. */
export function useWorkflowNames(): Map<string, string> | undefined {
  const { data } = useQuery({ ...workflowsQuery, enabled: useMay('workflow.read') })
  return useMemo(() => data && new Map(data.data.map(({ id, attributes }) => [id, attributes.name])), [data])
}
