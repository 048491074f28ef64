/** `scenario DIRECTORY`: a home that falls silent and answers again, as WatchedHomes sees it; one line of JSON a step. In a mount name space of its own. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { mountSilent, unmountSilent } from '../../../../../test/support/silentfs.ts'
import { WatchedHomes } from '../../src/index.ts'

const directory = process.argv[2] ?? ''
const [dead, alive] = [join(directory, 'dead'), join(directory, 'alive')]
for (const path of [dead, alive]) mkdirSync(path)
const homes = new WatchedHomes((line) => say('log', line.replaceAll(directory, '')), { lookSeconds: 8, looks: 3, knownSeconds: 0 })

function say(what: string, result: unknown): void {
  process.stdout.write(`${JSON.stringify([what, result])}\n`)
}

async function look(what: string, home: string): Promise<void> {
  const found = await homes.ownerOf(home).catch((error: Error) => error.constructor.name)
  say(what, found)
}

const fd = mountSilent(dead)
const first = Promise.all([look('asked', dead), look('asked at the same time', dead)])
await look('another home meanwhile', alive)
await first
await look('asked again', dead)
unmountSilent(fd, dead)
for (let answer: unknown; typeof answer !== 'number'; ) {
  answer = await homes.ownerOf(dead).catch(() => undefined)
  await new Promise((resolve) => setTimeout(resolve, 20))
}
await look('once it answers', dead)
process.exit()
