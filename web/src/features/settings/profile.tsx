import { permissions as permissionWords } from '../../api/permissions'
import { useSession } from '../../api/session'
import { Badge } from '../../ui/badge'
import { Card } from '../../ui/card'
import { Details } from '../../ui/details'
import { Page } from '../../ui/page'
import { Stack } from '../../ui/stack'
import styles from './profile.module.css'
import { words } from './words'

/** The signed-in user and their permissions. */
export function Profile() {
  const { user, environment, permissions } = useSession()
  return (
    <Page title={words.profile} body="column">
      <Stack>
        <Card title={words.profile}>
          <Details
            facts={[
              [words.name, user.name],
              [words.email, user.email],
              [words.role, user.role && (words.roles[user.role] ?? user.role)],
              [words.environment, words.environments[environment] ?? environment],
            ]}
          />
        </Card>
        <Card title={words.permissions}>
          <div className={styles.permissions}>
            {[...permissions].sort().map((permission) => (
              <Badge key={permission}>{permissionWords[permission] ?? permission}</Badge>
            ))}
          </div>
        </Card>
      </Stack>
    </Page>
  )
}
