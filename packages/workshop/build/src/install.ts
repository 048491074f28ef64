/**
 * make install, uninstall, check-install: say what, and leave the work to package installation.
 *
 * One argument, the target; the settings are make's variables, which it puts into the environment.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { absentSettings, hasSendmail, install, installationProblems, type Settings, uninstall } from '@yabumi/installation'

const variable = (name: string, otherwise = ''): string => process.env[name] || otherwise

const settings: Settings = {
  checkout: join(import.meta.dirname, '../../../..'),
  prefix: absolute('PREFIX', '/usr/local'),
  home: absolute('YABUMI_HOME', '/var/yabumi'),
  destdir: variable('DESTDIR') === '' ? '' : absolute('DESTDIR', ''),
  namePrefix: variable('NAME_PREFIX'),
  sendmail: sendmail(),
  accountPrefix: variable('ACCOUNT_PREFIX', 'yabumi-'),
}

function absolute(name: string, otherwise: string): string {
  const path = variable(name, otherwise).replace(/\/+$/, '')
  if (!path.startsWith('/')) throw new Error(`${name} must be an absolute path other than /`)
  return path
}

/** Its name is what an upgrade, and uninstall, know it by. */
function sendmail(): string {
  const path = variable('SENDMAIL')
  if (path !== '' && !/^\/(.*\/)?sendmail$/.test(path)) throw new Error('SENDMAIL must be an absolute path that ends in /sendmail')
  return path
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** A home that has a name has been in use. */
function nextSteps(): string[] {
  const { destdir, home, prefix } = settings
  if (existsSync(join(`${destdir}${home}`, 'control/me'))) {
    const absent = absentSettings(settings)
    const where = `a file each in ${home}/control, as ${prefix}/share/doc/yabumi/control/README.md says`
    return [
      ...(absent.length === 0 ? [] : [`this home goes on as before, without settings that new ones have: ${absent.join(', ')}; ${where}`]),
      'programs that run are still those of before: run service again if it wrote services, and restart them; or end supervise by TERM and start it again',
    ]
  }
  return [`a new home needs its name: ${home}/bin/config-fast HOST; then ${home}/bin/supervise --smtp 0.0.0.0:25 --smtp '[::]:25'`]
}

function run(what: string | undefined): number {
  if (what === 'check-install') {
    const problems = installationProblems(settings)
    for (const problem of problems) say(problem)
    return problems.length === 0 ? 0 : 1
  }
  if (what === 'uninstall') uninstall(settings, say)
  else {
    install(settings, say)
    say(`installed: programs in ${settings.prefix}/lib/yabumi, manual in ${settings.prefix}/share/man, home ${settings.home}`)
    if (process.getuid?.() === 0 && settings.destdir === '' && !hasSendmail(settings))
      say('programs of this system find it as sendmail after: make install SENDMAIL=/usr/sbin/sendmail')
    for (const step of nextSteps()) say(step)
  }
  return 0
}

try {
  process.exitCode = run(process.argv[2])
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 111
}
