/** What a fallen account plants in the way of root's tools: nothing of root's changes, nothing of it is shown, nothing hangs. */
import t from 'tap'
import { amRoot } from '../home.ts'
import { id, kinds, PlantedHome, part, secret } from './support/plantedhome.ts'

const asRoot = { skip: !amRoot && 'only root has tools that work for several accounts' }

const [mess, info, local, remote] = ['mess', 'info', 'local', 'remote'].map((name) => `${name}/${part}/${id}`) as [
  string,
  string,
  string,
  string,
]
const bounce = `bounce/${id}`
const mutex = 'lock/sendmutex'
const tcpto = 'lock/tcpto'

/** A tool as root calls it, and the files of queue/ that it has to do with. */
const tools: readonly { readonly words: readonly string[]; readonly state: 'S4' | 'S5'; readonly files: readonly string[] }[] = [
  { words: ['qread'], state: 'S5', files: [mess, info, local, remote] },
  { words: ['qstat'], state: 'S5', files: [mess] },
  { words: ['explain', id], state: 'S5', files: [mess, info, local, remote, bounce, mutex] },
  { words: ['explain', id], state: 'S4', files: [`todo/${id}`] },
  { words: ['explain', '<planted@test.example>'], state: 'S5', files: [mess] },
  { words: ['explain', 'x@remote.example'], state: 'S5', files: [tcpto, info] },
  { words: ['qhold', '--yes', id], state: 'S5', files: [info, local, remote, mutex] },
  { words: ['qretry', '--yes', '--all'], state: 'S5', files: [info, local, mutex] },
  { words: ['qrelease', '--yes', id], state: 'S5', files: [info, local, mutex] },
  { words: ['qrm', '--yes', id], state: 'S5', files: [mess, info, local, bounce, mutex] },
  { words: ['qrm', '--yes', id], state: 'S4', files: [`todo/${id}`, `intd/${id}`, mess] },
  { words: ['qrm', '--yes', '--bounce', id], state: 'S5', files: [bounce, local, info] },
  { words: ['tcpto'], state: 'S5', files: [tcpto] },
  { words: ['tcpok'], state: 'S5', files: [tcpto] },
  { words: ['qcheck', '--fix'], state: 'S5', files: [mess, info, local, bounce, mutex, tcpto, 'lock/trigger'] },
  { words: ['qcheck', '--fix'], state: 'S4', files: [`todo/${id}`, `intd/${id}`] },
]

for (const { words, state, files } of tools) {
  const [program = '', ...args] = words
  t.test(
    `${words.join(' ')} (${state}), called by root, touches and shows nothing that another account leads it to`,
    { ...asRoot },
    async (t) => {
      const home = await PlantedHome.make(t)
      for (const file of files) {
        for (const kind of kinds) {
          home.fresh(state)
          await home.plant(kind, file)
          const before = home.state()
          const { exitCode, all } = await home.run(program, args)
          const what = `a ${kind} at ${file}`
          t.type(exitCode, 'number', `${what}: it ends`)
          t.same(home.state(), before, `${what}: the victim is as it was`)
          t.notMatch(all, secret, `${what}: nothing is shown`)
          t.not(all, '', `${what}: and something is said`)
        }
      }
    },
  )
}

t.test('qcheck --fix, called by root, repairs what the accounts of the queue cannot even look at', { ...asRoot }, async (t) => {
  const home = await PlantedHome.make(t)
  home.fresh('S5')
  const before = home.owners()
  home.spoil()
  t.not((await home.run('qcheck', [])).exitCode, 0)
  t.match(home.owners(), { '': '0:0 700' }, 'without --fix nothing changes')
  t.match(await home.run('qcheck', ['--fix']), { exitCode: 0, all: /; nothing inconsistent$/ })
  t.same(home.owners(), before)
  t.match(await home.run('qcheck', []), {
    exitCode: 0,
    all: '1 messages, 0 of them not yet preprocessed; 0 being received or removed; nothing inconsistent',
  })
})
