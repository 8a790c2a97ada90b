import { useQuery } from '@tanstack/react-query'
import { wholeQuery } from '../../api/queries'
import type { StepTypeAttributes } from '../../api/resources'
import { useSession } from '../../api/session'
import { QueryState } from '../../forms/query-state'
import { Card } from '../../ui/card'
import { Details } from '../../ui/details'
import { Page } from '../../ui/page'
import { Stack } from '../../ui/stack'
import styles from './organization.module.css'
import { words } from './words'

const PLANS = ['startup', 'essential', 'growth', 'enterprise'] as const

/** The organization and its plan: the step types of each plan, from the catalogue. */
export function OrganizationSettings() {
  const { organization, plan } = useSession()
  const query = useQuery(wholeQuery<StepTypeAttributes, '/step-types'>(['step-type'], '/step-types', {}))
  return (
    <Page title={words.organization} body="column">
      <Stack>
        <Card title={words.organization}>
          <Details
            facts={[
              [words.name, organization.name],
              [words.plan, words.plans[plan] ?? plan],
            ]}
          />
        </Card>
        <Card title={words.stepsByPlan}>
          <QueryState query={query} isInline>
            {({ data }) => (
              <table className={styles.matrix}>
                <thead>
                  <tr>
                    <th scope="col">{words.step}</th>
                    {PLANS.map((name) => (
                      <th key={name} scope="col">
                        {words.plans[name]}
                        {name === plan && ` (${words.yours})`}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {data.map(({ id, attributes }) => (
                    <tr key={id}>
                      <th scope="row">{attributes.label}</th>
                      {PLANS.map((name) => (
                        <td key={name} data-yours={name === plan || undefined}>
                          {words.availability[attributes.plans[name] ?? ''] ?? attributes.plans[name]}
                        </td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
          </QueryState>
        </Card>
      </Stack>
    </Page>
  )
}
