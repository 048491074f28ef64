import { createServer } from 'node:net'

/** A TCP port of a loopback address that nobody listens on. */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, address, resolve)
  })
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Whether this machine has ::1. */
export async function hasIpv6(): Promise<boolean> {
  return freePort('::1').then(
    () => true,
    () => false,
  )
}
