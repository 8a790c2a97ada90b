import { Fragment, type ReactNode, useEffect } from 'react'
import { classes } from './class-names'
import styles from './page.module.css'

interface PageProps {
  /** The title of the screen: its heading and the browser's title. */
  title: string
  /** The breadcrumbs: links, the nearest last. */
  crumbs?: ReactNode[]
  /** Content beside the title: a state, an id. */
  beside?: ReactNode
  /** The buttons on the right, the primary one last. */
  actions?: ReactNode
  /** Search and filters, below the heading. */
  toolbar?: ReactNode
  /** `padded` for text and cards; `bare` if a table or the editor fills it. */
  body?: 'padded' | 'column' | 'bare'
  children: ReactNode
}

/** The frame of every screen inside the shell. */
export function Page({ title, crumbs, beside, actions, toolbar, body = 'padded', children }: PageProps) {
  useTitle(title)
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <div className={styles.heading}>
          {crumbs?.map((crumb, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: breadcrumbs have no key but their index
            <Fragment key={index}>
              <span className={styles.crumb}>{crumb}</span>
              <Slash />
            </Fragment>
          ))}
          <h1 className={styles.title}>{title}</h1>
          {beside}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {toolbar && <div className={styles.toolbar}>{toolbar}</div>}
      <div className={classes(styles.body, body !== 'bare' && styles.padded)}>
        {body === 'column' ? <div className={styles.column}>{children}</div> : children}
      </div>
    </div>
  )
}

function Slash() {
  return (
    <svg className={styles.sign} width="6" height="14" viewBox="0 0 6 14" aria-hidden>
      <path d="M1 13 5 1" stroke="currentColor" fill="none" />
    </svg>
  )
}

/** The browser's title, which distinguishes tabs and entries of the history. */
export function useTitle(title: string) {
  useEffect(() => {
    document.title = `${title} · Docket`
  }, [title])
}
