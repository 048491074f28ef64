/**
 * config: make a directory a home for this host, whose names it asks of the DNS (spec §8.5). README.md is the manual
 * page.
 */
import { hostname } from 'node:os'
import { byteArguments, run } from '@yabumi/commandline'
import { homeDirectory } from '@yabumi/home'
import { isHostName, makeHome, outcomeLines } from '@yabumi/newhome'
import { Trouble } from '@yabumi/trouble'
import { fullName, namesOfAddresses } from './names.ts'

async function main(): Promise<void> {
  if (byteArguments().length > 0) throw new Trouble('5.5.4', 'usage: config; to say the name yourself: config-fast HOST')
  enterIfThere()
  const name = hostname()
  say(`The name of this host is ${name}.`)
  const host = await fullName(name)
  if (host === undefined || !isHostName(host)) {
    throw new Trouble('4.4.3', `the DNS has no address for ${name}; say the full name of this host with config-fast HOST`)
  }
  say(`Its full name in the DNS is ${host}.`)
  const locals = [host, ...(await namesOfAddresses(say)).filter((local) => local !== host)]
  const outcome = await makeHome(host, locals)
  process.stdout.write(outcomeLines(outcome, host))
  say('Further names of this host go into control/locals and control/rcpthosts; mail for all others is refused.')
}

/** A home that exists may name the servers to ask, in control/resolvers. */
function enterIfThere(): void {
  try {
    process.chdir(homeDirectory())
  } catch {
    return
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

void run('config', main)
