import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useRef } from 'react'
import { Button } from './button'
import { classes } from './class-names'
import styles from './table.module.css'
import { words } from './words'

export interface Column<Row> {
  key: string
  label: string
  /** In rem; columns without a width share the rest. */
  width?: number
  align?: 'start' | 'end'
  isMuted?: boolean
  cell: (row: Row) => ReactNode
}

interface TableProps<Row> {
  /** The accessible name of the list. */
  label: string
  columns: Column<Row>[]
  rows: Row[]
  keyOf: (row: Row) => string
  isSelected?: (row: Row) => boolean
  /** Whether there is a further page. It is requested near the end, and by a button. */
  hasMore?: boolean
  isLoadingMore?: boolean
  onMore?: () => void
}

const ROW_HEIGHT = 40
const NEAR_END = 15
const COLUMN_WIDTH_LEAST = 10

/**
 * A list of objects. Only the visible rows are drawn, so a hundred thousand scroll as smoothly as ten. Put
 * `data-row-link` on the link in the first cell: it then covers its row.
 */
export function Table<Row>({
  label,
  columns,
  rows,
  keyOf,
  isSelected,
  hasMore,
  isLoadingMore,
  onMore,
}: TableProps<Row>) {
  const scroll = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    getItemKey: (index) => {
      const row = rows[index]
      return row === undefined ? index : keyOf(row)
    },
  })
  const shown = virtual.getVirtualItems()
  const before = shown[0]?.start ?? 0
  const after = virtual.getTotalSize() - (shown.at(-1)?.end ?? 0)
  const isNearEnd = (shown.at(-1)?.index ?? 0) >= rows.length - NEAR_END

  useEffect(() => {
    if (isNearEnd && hasMore && !isLoadingMore && rows.length > 0) onMore?.()
  }, [isNearEnd, hasMore, isLoadingMore, rows.length, onMore])

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable element must be reachable by keyboard
    <section className={styles.scroll} ref={scroll} tabIndex={0} aria-label={label}>
      <table
        className={styles.table}
        style={{ minWidth: `${leastWidth(columns)}rem` }}
        aria-label={label}
        aria-rowcount={hasMore ? -1 : rows.length + 1}
      >
        <colgroup>
          {columns.map((column) => (
            <col key={column.key} style={column.width ? { width: `${column.width}rem` } : undefined} />
          ))}
        </colgroup>
        <thead className={styles.head}>
          <tr>
            {columns.map((column) => (
              <Head key={column.key} column={column} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Spacer height={before} columns={columns.length} />
          {shown.map((item) => {
            const row = rows[item.index]
            if (row === undefined) return null
            return (
              <tr
                key={item.key}
                className={styles.row}
                aria-rowindex={item.index + 2}
                aria-selected={isSelected ? isSelected(row) : undefined}
              >
                {columns.map((column) => (
                  <td
                    key={column.key}
                    className={classes(column.align === 'end' && styles.end, column.isMuted && styles.muted)}
                  >
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            )
          })}
          <Spacer height={after} columns={columns.length} />
        </tbody>
      </table>
      {hasMore && (
        <div className={styles.foot}>
          <Button look="quiet" size="small" isBusy={isLoadingMore} onClick={onMore}>
            {words.loadMore}
          </Button>
        </div>
      )}
    </section>
  )
}

/** A column of buttons has no name, so its header cell is not a heading. */
function Head({ column }: { column: { label: string; align?: 'start' | 'end' } }) {
  if (!column.label) return <td />
  return (
    <th scope="col" className={classes(column.align === 'end' && styles.end)}>
      {column.label}
    </th>
  )
}

/** Below this width it scrolls horizontally. */
function leastWidth(columns: { width?: number }[]): number {
  return columns.reduce((sum, column) => sum + (column.width ?? COLUMN_WIDTH_LEAST), 0)
}

/** Keeps the space of rows that are not visible. */
function Spacer({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null
  return (
    <tr aria-hidden>
      <td className={styles.spacer} colSpan={columns} style={{ height }} />
    </tr>
  )
}
