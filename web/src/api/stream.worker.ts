import { openSource, type Told } from './stream'

interface Ports extends EventTarget {
  onconnect: ((event: MessageEvent) => void) | null
}

const ports = new Set<MessagePort>()
let close: (() => void) | undefined
let last: Told | undefined

const worker = self as unknown as Ports

worker.onconnect = (event) => {
  const port = event.ports[0]
  if (!port) return
  ports.add(port)
  port.onmessage = (message: MessageEvent<{ address: string } | 'leave'>) => {
    if (message.data === 'leave') leave(port)
    else join(port, message.data.address)
  }
}

function join(port: MessagePort, address: string) {
  if (close) {
    if (last) port.postMessage(last)
    return
  }
  close = openSource(address, (told) => {
    if (told.kind === 'state') last = told
    if (told.kind === 'ended') close = undefined
    for (const other of ports) other.postMessage(told)
  })
}

/** The stream is closed with the last tab. */
function leave(port: MessagePort) {
  ports.delete(port)
  if (ports.size > 0) return
  close?.()
  close = undefined
}
