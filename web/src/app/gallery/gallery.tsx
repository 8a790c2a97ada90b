import { Plus } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { Person } from '../../ui/avatar'
import { Badge } from '../../ui/badge'
import { BarChart } from '../../ui/bar-chart'
import { Button, IconButton } from '../../ui/button'
import { Card } from '../../ui/card'
import { Checkbox, Switch } from '../../ui/checkbox'
import { Json } from '../../ui/code'
import { CopyId } from '../../ui/copy-id'
import { Details } from '../../ui/details'
import { Confirm, Dialog } from '../../ui/dialog'
import { Field, Input, SearchInput, Select, TextArea } from '../../ui/field'
import { HUES } from '../../ui/hue'
import { Keys } from '../../ui/kbd'
import { Menu, MenuItem, MenuLabel, MenuLine } from '../../ui/menu'
import { Moment } from '../../ui/moment'
import { Notice } from '../../ui/notice'
import { Page } from '../../ui/page'
import { Picker } from '../../ui/picker'
import { Segmented } from '../../ui/segmented'
import { Muted, Row, Stack } from '../../ui/stack'
import { Empty, NoMatch, ProblemState, SkeletonRows, SkeletonText } from '../../ui/states'
import { StatusChip } from '../../ui/status-chip'
import { Tabs } from '../../ui/tabs'
import { toast } from '../../ui/toast'

/** Every component of the kit in every state, for developers of screens. Not part of a release. */
export function Gallery() {
  return (
    <Page title="Components" body="column">
      <Stack gap={4}>
        <Buttons />
        <Fields />
        <Choices />
        <Marks />
        <Overlays />
        <Problems />
      </Stack>
    </Page>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card title={title}>
      <Stack gap={4}>{children}</Stack>
    </Card>
  )
}

function Buttons() {
  const looks = ['primary', 'secondary', 'quiet', 'danger'] as const
  return (
    <Part title="Button, IconButton">
      {(['small', 'medium', 'large'] as const).map((size) => (
        <Row key={size} gap={3} wraps>
          {looks.map((look) => (
            <Button key={look} look={look} size={size}>
              {look}
            </Button>
          ))}
          <Button size={size} icon={<Plus size={14} />}>
            With icon
          </Button>
          <Button size={size} isBusy>
            Busy
          </Button>
          <Button size={size} disabled>
            Disabled
          </Button>
          <IconButton
            size={size === 'large' ? 'medium' : size}
            label={`Add (${size})`}
            icon={<Plus size={15} />}
            keys="a"
          />
        </Row>
      ))}
    </Part>
  )
}

function Fields() {
  const [typed, setTyped] = useState('')
  return (
    <Part title="Field, Input, TextArea, Select, SearchInput">
      <Field label="Name" hint="What people call it.">
        <Input defaultValue="Review matches" />
      </Field>
      <Field label="Reference" isOptional error="the reference is taken; choose another">
        <Input defaultValue="customer-1001" />
      </Field>
      <Field label="Reason">
        <TextArea placeholder="Why is it so?" />
      </Field>
      <Field label="Kind">
        <Select>
          <option>One</option>
          <option>Another</option>
        </Select>
      </Field>
      <SearchInput label="Find" value={typed} onChange={setTyped} />
    </Part>
  )
}

function Choices() {
  const [value, setValue] = useState<string>()
  const [isOn, setIsOn] = useState(true)
  const [layout, setLayout] = useState<'list' | 'board'>('list')
  const [tab, setTab] = useState('a')
  return (
    <Part title="Picker, Checkbox, Switch, Segmented, Tabs">
      <Field label="Status">
        <Picker
          value={value}
          onChange={setValue}
          choices={(['initial', 'intermediate', 'end'] as const).map((type) => ({
            value: type,
            label: `A status that is ${type}`,
            group: type === 'end' ? 'Ends' : 'On the way',
            icon: <StatusChip name="" type={type} />,
            detail: 'with more to know',
          }))}
        />
      </Field>
      <Checkbox label="Continue" hint="What happens then." isChecked={isOn} onChange={setIsOn} />
      <Checkbox label="Some of them" isChecked="indeterminate" onChange={() => {}} />
      <Switch label="On" isChecked={isOn} onChange={setIsOn} />
      <Row>
        <Segmented
          label="Layout"
          value={layout}
          onChange={setLayout}
          choices={[
            { value: 'list', label: 'List' },
            { value: 'board', label: 'Board' },
          ]}
        />
      </Row>
      <Tabs
        label="Views"
        value={tab}
        onChange={setTab}
        tabs={[
          { value: 'a', label: 'Overview', content: null },
          { value: 'b', label: 'History', content: null },
        ]}
      />
    </Part>
  )
}

function Marks() {
  const days = [3, 0, 7, 5, 9, 1, 4].map((runs, day) => ({
    date: `2026-03-0${day + 1}`,
    runs,
    failures: runs > 4 ? 2 : 0,
  }))
  return (
    <Part title="StatusChip, Badge, Person, Moment, CopyId, Keys, BarChart, Details, Json">
      <Row gap={4} wraps>
        {HUES.map((hue, index) => (
          <StatusChip
            key={hue}
            name={hue}
            colour={hue}
            type={(['initial', 'intermediate', 'end'] as const)[index % 3]}
            isBoxed={index > 4}
          />
        ))}
      </Row>
      <Row gap={2} wraps>
        {(['neutral', 'good', 'bad', 'warn', 'info', 'accent'] as const).map((tone) => (
          <Badge key={tone} tone={tone}>
            {tone}
          </Badge>
        ))}
      </Row>
      <Row gap={4}>
        <Person name="Ada Lovelace" />
        <Moment at={new Date(Date.now() - 5 * 60_000).toISOString()} />
        <CopyId id="case_01m84jmn7we00800b9jcd5vbt7" />
        <Keys keys="mod+shift+enter" />
        <BarChart days={days} />
      </Row>
      <Details
        facts={[
          ['Template', 'Onboarding'],
          ['Opened', <Moment key="at" at="2026-01-02T03:04:05Z" />],
        ]}
      />
      <Json label="Output" value={{ status: 'x', changed: true }} />
      <Muted>Text that steps back.</Muted>
    </Part>
  )
}

function Overlays() {
  const [open, setOpen] = useState<'dialog' | 'confirm'>()
  return (
    <Part title="Dialog, Confirm, Menu, toast">
      <Row wraps>
        <Button onClick={() => setOpen('dialog')}>Dialog</Button>
        <Button onClick={() => setOpen('confirm')}>Confirm</Button>
        <Menu trigger={<Button>Menu</Button>}>
          <MenuLabel>What to do</MenuLabel>
          <MenuItem keys="r" onSelect={() => {}}>
            Rename
          </MenuItem>
          <MenuLine />
          <MenuItem isDangerous onSelect={() => {}}>
            Archive
          </MenuItem>
        </Menu>
        <Button onClick={() => toast.done('The status is changed', { action: { label: 'Undo', run: () => {} } })}>
          Toast
        </Button>
        <Button onClick={() => toast.failed('This did not work', { detail: 'the database could not be read' })}>
          Bad toast
        </Button>
      </Row>
      <Dialog
        isOpen={open === 'dialog'}
        onClose={() => setOpen(undefined)}
        title="A dialog"
        description="With words about it."
      >
        <Field label="Name">
          <Input />
        </Field>
      </Dialog>
      <Confirm
        isOpen={open === 'confirm'}
        onClose={() => setOpen(undefined)}
        onConfirm={() => setOpen(undefined)}
        title="Archive this workflow?"
        description="It stops, and disappears from the list for good."
        confirm="Archive"
        isDangerous
      />
    </Part>
  )
}

function Problems() {
  const kinds = ['unreachable', 'forbidden', 'not-found', 'busy', 'stale', 'broken']
  return (
    <Part title="Notice, Empty, NoMatch, ProblemState, Skeleton">
      {(['info', 'good', 'warn', 'bad'] as const).map((tone) => (
        <Notice key={tone} tone={tone}>
          Something to know, in a sentence.
        </Notice>
      ))}
      <Empty
        title="No cases yet"
        hint="Cases come from workflows, the API, or you."
        action={<Button look="primary">Open a case</Button>}
      />
      <NoMatch onClear={() => {}} />
      {kinds.map((kind) => (
        <ProblemState
          key={kind}
          problem={{
            kind,
            status: 0,
            message: 'what the server said of it',
            requestId: 'req_01m888fgve008000tys8azh43',
          }}
          onRetry={() => {}}
        />
      ))}
      <SkeletonRows rows={3} />
      <SkeletonText />
    </Part>
  )
}
