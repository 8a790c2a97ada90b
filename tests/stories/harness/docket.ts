import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

/** A real Docket server with its own folder and a free port; both are removed when it stops. */
export interface Docket {
  /** Its address, without a slash at the end. */
  url: string
  email: string
  password: string
  /** The first line of its output that matches: on an empty folder, the address of the setup with its token. */
  says(like: RegExp): Promise<string>
  /** Calls the API like a program, with the sandbox's key. */
  api<T = Document>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<T>
  stop(): Promise<void>
}

// biome-ignore lint/suspicious/noExplicitAny: a document of the API, of any shape
type Document = any

const EMAIL = 'ada@lumen.example'
const PASSWORD = 'a long enough one'

/** The path of the binary, which `cargo xtask stories` builds and passes. */
function binary(): string {
  const named = process.env.DOCKET_BINARY
  if (!named) throw new Error('run the stories with `cargo xtask stories`, which builds Docket and says where it is')
  return named
}

export interface Setting {
  /** `fresh` is not set up; `bare` has an organization; `sample` also the sample data. */
  folder?: 'fresh' | 'bare' | 'sample'
}

/** Sets up a Docket and starts it. */
export async function startDocket({ folder = 'sample' }: Setting = {}): Promise<Docket> {
  const data = await mkdtemp(join(tmpdir(), 'docket-story-'))
  const key = folder === 'fresh' ? '' : await setUp(data, folder === 'sample')
  const { server, says } = await serve(data)
  const address = /http:\/\/[^/\s]+/.exec(await says(/http:/))?.[0] ?? ''
  return {
    url: address,
    email: EMAIL,
    password: PASSWORD,
    says,
    async api(method, path, body, more = {}) {
      const response = await fetch(`${address}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          'key-inflection': 'camel',
          ...more,
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      })
      const text = await response.text()
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
      return text ? JSON.parse(text) : undefined
    },
    async stop() {
      const ended = new Promise((done) => server.once('exit', done))
      server.kill('SIGKILL')
      await ended
      await rm(data, { recursive: true, force: true })
    },
  }
}

async function setUp(data: string, withSample: boolean): Promise<string> {
  const named = ['--organization', 'Lumen Bank', '--email', EMAIL, '--password', PASSWORD]
  const sample = withSample ? ['--sample-data'] : []
  const { stdout } = await promisify(execFile)(binary(), ['setup', '--data', data, ...named, ...sample, '--json'])
  return JSON.parse(stdout).environments.sandbox.api_key
}

async function serve(data: string): Promise<{ server: ChildProcess; says: Docket['says'] }> {
  const server = spawn(binary(), ['serve', '--data', data, '--listen', '127.0.0.1:0', '--log', 'warn'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const said: string[] = []
  const lines = createInterface({ input: server.stdout })
  lines.on('line', (line) => said.push(line))
  const says = (like: RegExp) =>
    new Promise<string>((done, fail) => {
      const look = () => {
        const found = said.find((line) => like.test(line))
        if (found) done(found)
      }
      lines.on('line', look)
      server.once('exit', (code) => fail(new Error(`Docket ended with ${code}; it said ${said.join('\n')}`)))
      look()
    })
  return { server, says }
}
