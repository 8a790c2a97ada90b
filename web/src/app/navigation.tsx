import { Boxes, Building2, Code2, FolderClosed, House, Workflow } from 'lucide-react'
import type { ReactNode } from 'react'
import { words } from './words'

export interface Place {
  /** A path of the router without parameters. */
  to: string
  label: string
  /** The key that opens it from anywhere, after `g`. */
  key?: string
  /** The permission that it needs; without it, the place is left out. */
  permission?: string
}

export interface Section extends Place {
  icon: ReactNode
  places: Place[]
}

/** The places of the dashboard: the navigation, the palette and the keys are all made from these. */
export const sections: Section[] = [
  { to: '/', label: words.home, key: 'h', icon: <House size={15} />, places: [] },
  {
    to: '/cases',
    label: words.cases,
    icon: <FolderClosed size={15} />,
    permission: 'case.read',
    places: [
      { to: '/cases', label: words.allCases, key: 'c', permission: 'case.read' },
      {
        to: '/cases/templates',
        label: words.caseTemplates,
        key: 't',
        permission: 'case_template.read',
      },
    ],
  },
  {
    to: '/workflows',
    label: words.workflows,
    icon: <Workflow size={15} />,
    permission: 'workflow.read',
    places: [
      { to: '/workflows', label: words.allWorkflows, key: 'w', permission: 'workflow.read' },
      { to: '/runs', label: words.runs, key: 'r', permission: 'workflow.read' },
    ],
  },
  {
    to: '/objects/accounts',
    label: words.objects,
    icon: <Boxes size={15} />,
    permission: 'account.read',
    places: [
      { to: '/objects/accounts', label: words.accounts, key: 'a', permission: 'account.read' },
      { to: '/objects/inquiries', label: words.inquiries, key: 'i', permission: 'inquiry.read' },
    ],
  },
  {
    to: '/developers/api-keys',
    label: words.developers,
    icon: <Code2 size={15} />,
    places: [
      { to: '/developers/api-keys', label: words.apiKeys, key: 'd', permission: 'api_key.read' },
      { to: '/developers/events', label: words.events, key: 'e', permission: 'event.read' },
      { to: '/developers/sources', label: words.sources, permission: 'source.read' },
      { to: '/developers/openapi', label: words.openapi },
    ],
  },
  {
    to: '/settings/profile',
    label: words.settings,
    key: 's',
    icon: <Building2 size={15} />,
    places: [
      { to: '/settings/profile', label: words.profile },
      { to: '/settings/organization', label: words.organization },
      { to: '/settings/people', label: words.people, permission: 'user.read' },
      {
        to: '/settings/bundle',
        label: words.setupBundle,
        permission: 'workflow.read',
      },
      { to: '/settings/retention', label: words.dataRetention, permission: 'retention.write' },
    ],
  },
]

/** Every screen without parameters. */
export function allPlaces(permissions: ReadonlySet<string>): Place[] {
  const may = (place: Place) => !place.permission || permissions.has(place.permission)
  return sections.flatMap((section) => (section.places.length ? section.places : [section])).filter(may)
}
