/**
 * A running send whose other programs are this test: it hears the commands, gives the reports, and cleans up.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, fstatSync, unlinkSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { makePipe } from '@yabumi/posix'
import { splitOf } from '@yabumi/queuedir'
import { type Command, CommandDecoder, encodeReport, type givenBack, type Status } from '@yabumi/spawnprotocol'
import { bin, type Home } from './home.ts'

export type ChannelName = 'local' | 'remote'

export interface Options {
  /** Greeting bytes of lspawn and rspawn; undefined: that program is not there; 0: it says nothing by itself. */
  readonly greetings?: readonly [number | undefined, number | undefined]
  readonly env?: Readonly<Record<string, string>>
  /** Whether send may have clean keep files; by default not, as under qmail-start. */
  readonly spare?: boolean
  /** Whether rspawn hears the facts of a delivery. */
  readonly facts?: boolean
  /** What send is run by: strace and its options. @param lspawn - how strace calls the pipe of the commands to lspawn */
  readonly tracer?: (lspawn: string) => readonly string[]
  /** What clean answers; by default it does its work. */
  readonly clean?: (command: string) => string | undefined
}

export class Send {
  readonly child: ChildProcess
  log = ''
  /** Commands of clean, as they came. */
  readonly cleaned: string[] = []
  readonly commands: Record<ChannelName, Command[]> = { local: [], remote: [] }
  readonly #home: Home
  readonly #reports: Record<ChannelName, Socket>
  readonly #inputs: Socket[]
  readonly #outputs: Socket[]
  readonly #sockets: Socket[]
  readonly #exit: Promise<number | string>
  #waiters: (() => void)[] = []

  constructor(home: Home, options: Options = {}, spoil: () => void = () => undefined) {
    this.#home = home
    const pipes = Array.from({ length: 7 }, () => makePipe(true))
    const writes = [0, 1, 3, 5] // descriptors that send writes
    const theirs = pipes.map((pipe, fd) => (writes.includes(fd) ? pipe.write : pipe.read))
    const ours = pipes.map((pipe, fd) => (writes.includes(fd) ? pipe.read : pipe.write))
    const env = { PATH: process.env['PATH'] ?? '', YABUMI_HOME: home.path, ...options.env }
    spoil()
    const tracer = options.tracer?.(`pipe:[${fstatSync(theirs[1] as number).ino}]`) ?? []
    const told = [...(options.spare === true ? ['--keep-spares'] : []), ...(options.facts === true ? ['--facts'] : [])]
    const [file = '', ...args] = [...tracer, join(bin, 'send'), ...told]
    this.child = spawn(file, args, { env, stdio: theirs })
    for (const fd of theirs) closeSync(fd)
    const sockets = ours.map((fd, index) => {
      const socket = new Socket({ fd, readable: writes.includes(index), writable: !writes.includes(index) })
      return socket.on('error', () => undefined)
    })
    const [log, localOut, localIn, remoteOut, remoteIn, cleanOut, cleanIn] = sockets as [
      Socket,
      Socket,
      Socket,
      Socket,
      Socket,
      Socket,
      Socket,
    ]
    this.#inputs = [localIn, remoteIn, cleanIn]
    this.#outputs = [localOut, remoteOut, cleanOut]
    this.#reports = { local: localIn, remote: remoteIn }
    log.on('data', (bytes: Buffer) => {
      this.log += bytes.toString('latin1')
      this.#changed()
    })
    this.#listen('local', localOut, false)
    this.#listen('remote', remoteOut, options.facts === true)
    const answer = options.clean ?? ((command: string) => this.#remove(command))
    this.#clean(cleanOut, cleanIn, answer)
    const greetings = options.greetings ?? [120, 120]
    for (const [index, socket] of [localIn, remoteIn].entries()) {
      const greeting = greetings[index]
      if (greeting === undefined) socket.end()
      else if (greeting > 0) socket.write(Buffer.from([greeting]))
    }
    const logClosed = new Promise((resolve) => log.once('close', resolve))
    this.#exit = new Promise((resolve) => {
      this.child.once('exit', (code, signal) => logClosed.then(() => resolve(code ?? (signal as string))))
    })
    this.#sockets = sockets
  }

  /** Wait until it holds. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiters.push(resolve))
  }

  /** Wait until the log has so many lines that match. */
  async logged(pattern: RegExp, count = 1): Promise<void> {
    const all = new RegExp(pattern, 'gm')
    await this.until(() => (this.log.match(all) ?? []).length >= count)
  }

  /** The next command on a channel. */
  async command(channel: ChannelName): Promise<Command> {
    await this.until(() => this.commands[channel].length > 0)
    return this.commands[channel].shift() as Command
  }

  report(channel: ChannelName, delivery: number, status: Status | typeof givenBack, text = ''): void {
    this.#reports[channel].write(encodeReport(delivery, status, text))
  }

  /** Bytes that are no report. */
  say(channel: ChannelName, bytes: Buffer): void {
    this.#reports[channel].write(bytes)
  }

  /** A program goes away. */
  lose(index: 0 | 1 | 2): void {
    this.#inputs[index]?.destroy()
  }

  /** A program does not take commands any more. */
  deafen(index: 0 | 1 | 2): void {
    this.#outputs[index]?.destroy()
  }

  /** Whether a program has seen the end of its commands. */
  hasEnded(index: 0 | 1 | 2): boolean {
    return this.#outputs[index]?.readableEnded === true
  }

  /** Take the next command, and report on it. @returns its recipient */
  async deliver(channel: ChannelName, status: Status, text = ''): Promise<string> {
    const { delivery, recipient } = await this.command(channel)
    this.report(channel, delivery, status, text)
    return recipient
  }

  /** Wait for the exit code or signal; the log is whole then. */
  async ended(): Promise<number | string> {
    const exit = await this.#exit
    for (const socket of this.#sockets) socket.destroy()
    return exit
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    this.child.kill(signal)
    return this.ended()
  }

  #changed(): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) waiter()
  }

  #listen(channel: ChannelName, socket: Socket, hasFacts: boolean): void {
    const decoder = new CommandDecoder(1, hasFacts)
    socket.on('data', (bytes: Buffer) => {
      this.commands[channel].push(...decoder.push(bytes))
      this.#changed()
    })
    socket.on('end', () => this.#changed())
  }

  #clean(output: Socket, input: Socket, answer: (command: string) => string | undefined): void {
    let rest = ''
    output.on('data', (bytes: Buffer) => {
      const commands = (rest + bytes.toString('latin1')).split('\0')
      rest = commands.pop() ?? ''
      for (const command of commands) {
        const byte = answer(command)
        if (byte !== 'x') this.cleaned.push(command)
        if (byte !== undefined) input.write(byte)
      }
      this.#changed()
    })
  }

  /** Another answer of clean, or a late one. */
  answer(byte: string): void {
    this.#inputs[2]?.write(byte)
  }

  #remove(command: string): string {
    const id = command.slice(5)
    const last = command.startsWith('todo/') ? `todo/${id}` : `mess/${splitOf(id)}/${id}`
    for (const file of [`intd/${id}`, last]) {
      try {
        unlinkSync(join(this.#home.path, 'queue', file))
      } catch {
        // not there
      }
    }
    return '+'
  }
}
