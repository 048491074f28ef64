/**
 * sessionlog: put what the programs of users say into the log, as lines that say whose they are. Started by sessiond.
 *
 * In      descriptor 0: a mark, one a line; descriptor 3: the pipe of each, sent before its mark
 * Out     descriptor 2: the lines, cut, cleaned and marked (package logline)
 * Trust   runs as the account of role log; who writes into the pipes decides what comes
 */
import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { complain, run } from '@yabumi/commandline'
import { become, enterHome } from '@yabumi/home'
import { sessionsPerLogin } from '@yabumi/limits'
import { ForeignLines } from '@yabumi/logline'
import { receiveDescriptor } from '@yabumi/posix'

const pipes = 3

void run('sessionlog', async () => {
  enterHome()
  become('log')
  const lines = new ForeignLines(complain)
  const marks = new Map<Socket, string>()
  const underWay = new Set<Promise<void>>()
  const stop = (stream: Socket): void => {
    stream.destroy()
    marks.delete(stream)
  }
  for await (const mark of createInterface({ input: process.stdin.setEncoding('latin1') })) {
    const stream = new Socket({ fd: receiveDescriptor(pipes), readable: true, writable: false })
    const passed = lines.passOn(stream, mark).then(() => {
      stop(stream)
      underWay.delete(passed)
    })
    underWay.add(passed)
    const [oldest, ...others] = [...marks.keys()].filter((each) => marks.get(each) === mark)
    if (oldest !== undefined && others.length + 1 >= sessionsPerLogin) stop(oldest) // its session has ended: somebody has kept a copy of its pipe
    marks.set(stream, mark)
  }
  await Promise.all(underWay)
})
