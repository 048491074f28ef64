/** What is looked at: the queue, who runs, certificates. */
import { readdirSync, statfsSync } from 'node:fs'
import { connect } from 'node:net'
import { queueSocketName } from '@yabumi/enqueue'
import { become } from '@yabumi/home'
import { sendProcess } from '@yabumi/logfiles'
import { isMessageId, split } from '@yabumi/queuedir'
import { readInfo, readQueued } from '@yabumi/queueview'
import { certificateExpiries, type Expiry } from '@yabumi/tlsfiles'

export interface Facts {
  readonly messages: number
  /** Seconds since 1970 when the oldest message came; undefined if there is none. */
  readonly oldest: number | undefined
  /** The same of those that send has not taken up. */
  readonly waiting: number | undefined
  /** Percent of the disk that is free: of blocks or of inodes, whatever is less. */
  readonly room: number
  readonly sendRuns: boolean
  readonly queueAnswers: boolean
  readonly certificates: readonly Expiry[]
}

/** The working directory is the home. This process is the account of send afterwards. @throws the system's error, or Trouble */
export async function lookAround(): Promise<Facts> {
  const certificates = certificateExpiries()
  const sendRuns = sendProcess() !== undefined
  const queueAnswers = await answers(queueSocketName)
  become('send')
  process.chdir('queue')
  return { ...queueFacts(), room: roomLeft(), sendRuns, queueAnswers, certificates }
}

function queueFacts(): Pick<Facts, 'messages' | 'oldest' | 'waiting'> {
  const queued = readdirSync('todo').filter(isMessageId)
  const waiting = least(queued.map((id) => readQueued(id)?.accepted))
  let messages = queued.length
  let oldest = waiting
  for (let part = 0; part < split; part += 1) {
    const ids = readdirSync(`info/${part}`).filter(isMessageId)
    messages += ids.filter((id) => !queued.includes(id)).length
    oldest = least([oldest, ...ids.map((id) => readInfo(id)?.birth)])
  }
  return { messages, oldest, waiting }
}

/** undefined counts for nothing. */
function least(times: readonly (number | undefined)[]): number | undefined {
  return times.reduce((best, time) => (best === undefined || (time !== undefined && time < best) ? time : best), undefined)
}

function roomLeft(): number {
  const { bavail, blocks, ffree, files } = statfsSync('.')
  const inodes = files > 0 ? (100 * ffree) / files : 100 // some file systems count none
  return Math.min(blocks > 0 ? (100 * bavail) / blocks : 100, inodes)
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const end = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(true)).once('error', () => end(false))
  })
}
