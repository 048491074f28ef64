/**
 * What the account that runs this can do with the paths and sockets on descriptor 0 (JSON): read, write, list, create in, call. Prints the same as JSON.
 * Nothing is changed: what could be created is removed again, and nothing is written.
 */
import { closeSync, constants, lstatSync, openSync, readdirSync, readFileSync, unlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { basename, join } from 'node:path'

type Act = 'read' | 'write' | 'list' | 'create'

function can(act: () => void): boolean {
  try {
    act()
    return true
  } catch {
    return false
  }
}

function open(path: string, flags: number): void {
  closeSync(openSync(path, flags | constants.O_NONBLOCK))
}

const acts: Record<Act, (path: string) => void> = {
  read: (path) => open(path, constants.O_RDONLY),
  write: (path) => open(path, constants.O_RDWR),
  list: (path) => void readdirSync(path),
  create: (path) => {
    const file = join(path, '.reach')
    open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL)
    unlinkSync(file)
  },
}

/** What is said to a program that anybody may connect to, and that answers only whom it hears: a front's first words to authd, and a recipient's name. */
const words: Record<string, string> = { 'authd.sock': '\0\x0cchallenge\0x\0', 'recipientd.sock': '\0\x0frecipient\0x@y\0\0' }

function canCall(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const question = words[basename(path)]
    const socket = connect(path)
    const settle = (isHeard: boolean): void => {
      resolve(isHeard)
      socket.destroy()
    }
    socket
      .once('error', () => settle(false))
      .once('data', () => settle(true))
      .once('close', () => settle(false))
    socket.once('connect', () => (question === undefined ? settle(true) : socket.write(question)))
  })
}

const { paths, sockets } = JSON.parse(readFileSync(0, 'utf8')) as { paths: string[]; sockets: string[] }
const reached: Record<Act | 'call', string[]> = { read: [], write: [], list: [], create: [], call: [] }
for (const path of paths) {
  const isDirectory = can(() => {
    if (!lstatSync(path).isDirectory()) throw new Error('no directory')
  })
  for (const act of isDirectory ? (['list', 'create'] as const) : (['read', 'write'] as const))
    if (can(() => acts[act](path))) reached[act].push(path)
}
for (const path of sockets) if (await canCall(path)) reached.call.push(path)
process.stdout.write(JSON.stringify(reached))
