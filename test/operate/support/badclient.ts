/**
 * What smtpd's account can do to the queue socket if somebody else has got hold of it. Arguments: what to do, the socket, a recipient.
 *
 * claim     hand over a message for each role and each forgery that comes to mind; print the exit codes
 * hold      open connections until no more are to be had, each in the middle of something, and keep them; print their number
 * garbage   send seeded noise on many connections, and half frames; print "done"
 */
import { connect, type Socket } from 'node:net'
import { frame } from '@yabumi/enqueue'

const [what = '', path = '', recipient = ''] = process.argv.slice(2)

function open(): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.on('error', () => undefined)
    socket.once('connect', () => resolve(socket)).once('close', () => resolve(undefined))
  })
}

/** The first byte of the answer's body is the code. */
async function answerTo(bytes: Buffer): Promise<number | 'closed'> {
  const socket = await open()
  if (socket === undefined) return 'closed'
  return new Promise((resolve) => {
    socket.once('data', (data: Buffer) => {
      resolve(data[4] ?? 0)
      socket.destroy()
    })
    socket.once('close', () => resolve('closed'))
    socket.write(bytes)
  })
}

function message(role: string, text: string, envelope: string): Buffer {
  return Buffer.concat([frame('S', role), frame('M', text), frame('E', envelope), frame('C')])
}

async function claim(): Promise<void> {
  const to = `T${recipient}\0`
  const forgery = 'Received: (qmail 1 invoked by uid 0); 1 Jan 2026 00:00:00 -0000\n'
  const attempts = [
    ...['', 'network', 'bounce', 'by uid 0', 'by alias', 'network\nReceived: (qmail 1 invoked by uid 0)'].map((role) =>
      message(role, 'Subject: claim\n\nx\n', `Fa@b.example\0${to}`),
    ),
    message('', `${forgery}Subject: claim\n\nx\n`, `Fa@b.example\0${to}`),
    message('', 'Subject: claim\n\nx\n', `u0\0p1\0Fa@b.example\0${to}`),
    message('', 'Subject: claim\n\nx\n', `Fa@b.example\0u0\0${to}`),
    message('', 'Subject: claim\n\nx\n', `F../../../control/me\0T../../../../escape\0${to}`),
    message('', 'Subject: claim\n\nx\n', `Fa@b.example\nu0\0${to}`),
  ]
  const codes: (number | 'closed')[] = []
  for (const attempt of attempts) codes.push(await answerTo(attempt))
  process.stdout.write(`${JSON.stringify(codes)}\n`)
}

const mostConnections = 2_400
const breakMilliseconds = 2 // for the socket's own queue of connections to empty

async function hold(): Promise<void> {
  let count = 0
  const stages = [
    Buffer.alloc(0),
    frame('S', ''),
    frame('S', '').subarray(0, 2),
    Buffer.concat([frame('S', ''), frame('M', 'Subject: never\n')]),
  ]
  for (let number = 0; number < mostConnections; number += 1) {
    const socket = await open()
    if (socket === undefined) {
      await new Promise((resolve) => setTimeout(resolve, breakMilliseconds))
      continue
    }
    socket.write(stages[number % stages.length] as Buffer)
    count += 1
  }
  process.stdout.write(`${count}\n`)
  setInterval(() => undefined, 1000)
}

/** Numerical Recipes' generator: the same noise every time. */
function noise(seed: number, bytes: number): Buffer {
  let state = seed
  return Buffer.from(
    Array.from({ length: bytes }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return state >>> 24
    }),
  )
}

async function garbage(): Promise<void> {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = noise(seed, 5 + (seed % 200))
    const lettered = Buffer.concat([Buffer.from('SMECAQ'[seed % 6] ?? 'S'), random])
    const half = message('', 'Subject: half\n\nx\n', `Fa@b.example\0T${recipient}\0`).subarray(0, seed % 70)
    for (const bytes of [random, lettered, half]) {
      const socket = await open()
      socket?.end(bytes)
      await new Promise((resolve) =>
        socket === undefined || socket.destroyed ? resolve(undefined) : socket.resume().once('close', resolve),
      )
    }
  }
  process.stdout.write('done\n')
}

await (what === 'claim' ? claim() : what === 'hold' ? hold() : garbage())
