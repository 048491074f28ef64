import { closeSync, readSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { makePipe, setNonBlocking } from '@yabumi/posix'
import t from 'tap'
import { Log } from '../src/log.ts'

t.test('lines are written at the flush, in one piece', async (t) => {
  const { read, write } = makePipe()
  const log = new Log(write)
  log.line('new msg 1')
  log.warning('trouble')
  log.alert('oh no!')
  log.flush()
  const bytes = Buffer.alloc(1000)
  t.equal(bytes.toString('latin1', 0, readSync(read, bytes)), 'new msg 1\nwarning: trouble\nalert: oh no!\n')
  closeSync(read)
  log.line('nobody reads this')
  log.flush()
  closeSync(write)
})

t.test('no line is lost where a full pipe would not wait', async (t) => {
  const { read, write } = makePipe()
  setNonBlocking(write)
  const reader = new Worker(
    `const { readSync } = require('node:fs'), { parentPort, workerData } = require('node:worker_threads')
     const bytes = Buffer.alloc(65536); let text = ''
     while (!text.endsWith('last\\n')) text += bytes.toString('latin1', 0, readSync(workerData, bytes))
     parentPort.postMessage(text)`,
    { eval: true, workerData: read },
  )
  const heard = new Promise<string>((resolve) => reader.once('message', resolve))
  const lines = Array.from({ length: 40_000 }, (_, n) => `line ${n}`)
  const log = new Log(write)
  for (const line of lines) log.line(line)
  log.line('last')
  log.flush()
  t.equal(await heard, `${lines.join('\n')}\nlast\n`)
  closeSync(read)
  closeSync(write)
})
