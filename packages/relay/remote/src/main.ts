/**
 * Deliver one message by SMTP to one host: remote HOST SENDER RECIPIENT...
 *
 * In       descriptor 0: the message; YABUMIFACTS: what its envelope says besides (spec §14)
 * Out      descriptor 1: reports, each a letter, text and NUL. There is one for each recipient that was answered, then
 *          one for the message
 * Exit     always 0: what matters is in the reports (spec §2.8)
 * Changes  nothing but queue/lock/tcpto
 */
import { writeSync } from 'node:fs'
import { byteArguments, run } from '@yabumi/commandline'
import { factsVariable, knownFacts } from '@yabumi/facts'
import { enterHome } from '@yabumi/home'
import { currentSettings, deliver, reportOfError, type Settings, texts } from '@yabumi/smtpclient'

void run('remote', async () => {
  const reports = await remote(byteArguments()).catch((error) => [reportOfError(error)])
  writeSync(1, reports.map((report) => `${report}\0`).join(''), null, 'latin1')
})

async function remote(args: readonly string[]): Promise<string[]> {
  const [host, sender, ...recipients] = args
  if (host === undefined || sender === undefined || recipients.length === 0) return [texts.usage]
  let settings: Settings
  try {
    enterHome()
  } catch {
    return [texts.noHome]
  }
  try {
    settings = currentSettings()
  } catch {
    return [texts.noControls]
  }
  const facts = knownFacts(process.env[factsVariable] ?? '')
  return deliver({ host, sender, recipients, facts, fd: 0 }, settings)
}
