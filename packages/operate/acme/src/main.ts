/**
 * acme: get certificates from an authority, and renew them when it is time. README.md is the manual page.
 *
 * Changes state/acme/
 * Trust   the account `acme`; what the authority says is words for the log, and a certificate that must go with our key
 */
import { commandLine, complain, run, say } from '@yabumi/commandline'
import { become, enterHome } from '@yabumi/home'
import { errorText, Trouble } from '@yabumi/trouble'
import { newCertificate } from './order.ts'
import { Renewal } from './renewal.ts'
import { readSettings } from './settings.ts'
import { certificateKey, lockStore, readCertificate, readTries, removeTries, writeCertificate, writeTries } from './store.ts'
import { Tries } from './tries.ts'

const dayMilliseconds = 86_400_000

void run('acme', async () => {
  const { _, check, force } = (await commandLine('acme', '[--check] [--force]'))
    .option('check', { type: 'boolean', default: false, describe: 'say how long each certificate is good, and change nothing' })
    .option('force', { type: 'boolean', default: false, describe: 'get new certificates, whatever was tried lately' })
    .parseSync()
  if (_.length > 0) throw new Trouble('5.5.4', `${_[0]}: no such argument; see acme --help`)
  enterHome()
  become('acme')
  process.umask(0o027) // what the group may read: the one of the directory, which reads keys
  const settings = readSettings()
  if (settings === undefined) {
    say('without control/acme no authority is asked\n')
    return
  }
  if (check) {
    for (const name of settings.names) sayState(name)
    return
  }
  const release = lockStore()
  const renewal = new Renewal(settings)
  for (const name of settings.names) {
    const tries = new Tries(readTries(name))
    const old = readCertificate(name)
    if (!force && (Date.now() < tries.notBefore || !(await renewal.isDue(name, old)))) continue
    try {
      const made = await newCertificate(await renewal.authority(), name, old, certificateKey(name, settings.keyType), settings.proof)
      writeCertificate(name, made)
      removeTries(name)
      sayState(name)
    } catch (error) {
      const { retryAt, text } = tries.failed(error)
      writeTries(name, text)
      complain(`acme: ${name}: ${errorText(error)}; not tried again before ${new Date(retryAt).toISOString().slice(0, 16)}Z`)
      process.exitCode = 111
    }
  }
  release()
})

function sayState(name: string): void {
  const certificate = readCertificate(name)
  if (certificate === undefined) {
    say(`${name}: no certificate yet\n`)
    process.exitCode = 1
    return
  }
  const days = Math.floor((certificate.validToDate.getTime() - Date.now()) / dayMilliseconds)
  say(`${name}: ${days} days left, until ${certificate.validToDate.toISOString().slice(0, 10)}\n`)
  if (days < 0) process.exitCode = 1
}
