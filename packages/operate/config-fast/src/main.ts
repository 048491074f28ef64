/**
 * config-fast: make a directory a home for a host. README.md is the manual page.
 */
import { run, say, toolLine } from '@yabumi/commandline'
import { isHostName, makeHome, outcomeLines } from '@yabumi/newhome'
import { Trouble } from '@yabumi/trouble'

async function main(): Promise<void> {
  const argv = (await toolLine('config-fast', 'HOST')).parseSync()
  const [host, ...more] = argv._.map(String)
  if (host === undefined || more.length > 0) throw new Trouble('5.5.4', 'usage: config-fast HOST')
  if (!isHostName(host)) throw new Trouble('5.5.4', `${JSON.stringify(host)} is not the name of a host; say it as in mail.example.org`)
  say(Buffer.from(outcomeLines(await makeHome(host), host)).toString('latin1'))
}

void run('config-fast', main)
