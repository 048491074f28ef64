/** Store a password: authd does it where it runs, because it is the only one then that writes the file. */
import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { becomeAccount } from '@yabumi/home'
import { authAnswerSeconds } from '@yabumi/limits'
import { authSocket, Conversation, type LoginRecord } from '@yabumi/loginprotocol'
import { newEntry, passwordPath, storeEntry } from '@yabumi/password'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'

/** @param login - a byte string. @throws Trouble 4.3.0 if it could not be stored; nothing has changed then */
export async function storePassword(login: string, secret: Buffer, apop: boolean): Promise<void> {
  const authd = await callAuthd()
  if (authd === undefined) return storeAlone(login, secret, apop)
  try {
    const answer = await answerOf(authd, ['store', login, apop ? 'apop' : '', secret.toString('latin1')])
    const [kind, text = 'authd did not answer; is this root, or the owner of the home?'] = answer ?? []
    if (kind !== 'stored') throw new Trouble('4.3.0', text)
  } finally {
    authd.close()
  }
}

/** @returns undefined if it hangs up, as it does on strangers, who may notice while they still ask */
export async function answerOf(authd: Conversation, question: LoginRecord): Promise<LoginRecord | undefined> {
  try {
    await authd.say(question)
  } catch (cause) {
    if (errnoOf(cause) === 'EPIPE') return undefined
    throw cause
  }
  return authd.record(authAnswerSeconds)
}

/** @returns undefined if nobody listens */
async function callAuthd(): Promise<Conversation | undefined> {
  try {
    return await Conversation.connect(authSocket)
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT' || errnoOf(cause) === 'ECONNREFUSED') return undefined
    throw new Trouble('4.3.0', `unable to ask authd: ${errorText(cause)}`, { cause })
  }
}

/** Root becomes the owner of the directory first: the file is that account's, and what it has put there leads root nowhere. */
async function storeAlone(login: string, secret: Buffer, apop: boolean): Promise<void> {
  const path = passwordPath('.')
  const entry = await newEntry(secret, apop)
  const owner = statSync(dirname(path), { throwIfNoEntry: false })
  if (process.getuid?.() === 0 && owner !== undefined && owner.uid !== 0) becomeAccount({ uid: owner.uid, gid: owner.gid, groups: [] })
  await storeEntry(path, login, entry)
}
