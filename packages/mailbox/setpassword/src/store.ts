/** Store a password: authd does it where it runs, because it is the only one then that writes the file. */
import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { becomeAccount } from '@yabumi/home'
import { authAnswerSeconds } from '@yabumi/limits'
import { authSocket, Conversation, type LoginRecord } from '@yabumi/loginprotocol'
import { newEntry, passwordPath, removeEntries, storeEntry } from '@yabumi/password'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'

/** @param login - a byte string. @throws Trouble 4.3.0 if it could not be stored; nothing has changed then */
export async function storePassword(login: string, secret: Buffer, apop: boolean): Promise<void> {
  const authd = await callAuthd()
  if (authd !== undefined) return have(authd, 'stored', ['store', login, apop ? 'apop' : '', secret.toString('latin1')])
  const entry = await newEntry(secret, apop)
  becomeOwnerOfPasswords()
  await storeEntry(passwordPath('.'), login, entry)
}

/** Take a login away, with those of its apps (`LOGIN/APP`); their sessions end where authd runs. @param login - a byte string. @throws Trouble 4.3.0 as above */
export async function removeLogin(login: string): Promise<void> {
  const authd = await callAuthd()
  if (authd !== undefined) return have(authd, 'removed', ['remove', login])
  becomeOwnerOfPasswords()
  await removeEntries(passwordPath('.'), (each) => each === login || each.startsWith(`${login}/`))
}

/** Have authd do it. */
async function have(authd: Conversation, done: string, question: LoginRecord): Promise<void> {
  try {
    const answer = await answerOf(authd, question)
    const [kind, text = 'authd did not answer; is this root, or the owner of the home?'] = answer ?? []
    if (kind !== done) throw new Trouble('4.3.0', text)
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
function becomeOwnerOfPasswords(): void {
  const owner = statSync(dirname(passwordPath('.')), { throwIfNoEntry: false })
  if (process.getuid?.() === 0 && owner !== undefined && owner.uid !== 0) becomeAccount({ uid: owner.uid, gid: owner.gid, groups: [] })
}
