import styles from './bar-chart.module.css'
import { words } from './words'

export interface Day {
  date: string
  runs: number
  failures: number
}

const BAR = 7
const GAP = 3

/** Runs per day with the failed ones; small enough for a row of a table. */
export function BarChart({ days, height = 22 }: { days: Day[]; height?: number }) {
  const most = Math.max(1, ...days.map((day) => day.runs))
  const total = days.reduce((sum, day) => sum + day.runs, 0)
  const failed = days.reduce((sum, day) => sum + day.failures, 0)
  return (
    <svg
      className={styles.chart}
      width={days.length * (BAR + GAP) - GAP}
      height={height}
      role="img"
      aria-label={words.chart(total, failed)}
    >
      {days.map((day, index) => {
        const tall = day.runs === 0 ? 1.5 : Math.max(3, (day.runs / most) * height)
        const bad = day.runs === 0 ? 0 : (day.failures / day.runs) * tall
        const x = index * (BAR + GAP)
        return (
          <g key={day.date}>
            <title>{`${day.date}: ${words.chart(day.runs, day.failures)}`}</title>
            <rect
              className={day.runs === 0 ? styles.nothing : styles.all}
              x={x}
              y={height - tall}
              width={BAR}
              height={tall}
              rx={1.5}
            />
            {bad > 0 && <rect className={styles.failed} x={x} y={height - bad} width={BAR} height={bad} rx={1.5} />}
          </g>
        )
      })}
    </svg>
  )
}
