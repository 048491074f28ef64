/** qrm: remove messages from the queue, or recipients from messages. README.md is the manual page. */
import { run, say } from '@yabumi/commandline'
import { ConstMap, readList } from '@yabumi/control'
import { accountToBecome } from '@yabumi/home'
import { openSyslog, writeSyslog } from '@yabumi/posix'
import { printable } from '@yabumi/printable'
import { type Command, Desk, describe, dryRun, readCommand, type Selected, selectPart } from '@yabumi/queuecare'
import { answerParts, isThread } from '@yabumi/queueparts'
import { Trouble } from '@yabumi/trouble'
import { type Means, type Removal, removeAll } from './remove.ts'

const mail = 2 // facility of syslog(3)

const outcomes: Record<Exclude<Removal, 'removed' | object>, string> = {
  soon: 'is removed when send next tries it: the one that runs is not ours (qretry --all --yes makes that now)',
  busy: 'is being delivered; it stays',
  gone: 'has ended',
  early: 'is not preprocessed yet; it stays. Try again when send has taken it up, or stop send',
}

async function main(): Promise<void> {
  const command = await readCommand('qrm', { name: 'bounce', describe: 'tell the senders' })
  if (!command.act) {
    const verb = command.special ? 'bounce' : 'remove'
    say(dryRun(command.selected, verb, ({ others }) => (others > 0 ? `; ${others} other recipients stay` : '')))
    process.exitCode = command.unreadable > 0 ? 111 : 0
    return
  }
  process.exitCode = await remove(command)
}

async function remove({ selected, special, unreadable }: Command): Promise<0 | 111> {
  const desk = Desk.open()
  if (special && desk.manner === 'deaf') {
    throw new Trouble('4.3.0', 'the send that runs is not ours, and may be delivering what would bounce; stop it first')
  }
  openSyslog('qrm', mail)
  let removed = 0
  let stay = 0
  await removeAll(selected, meansOf(desk, special), (message, removal) => {
    if (removal === 'removed' || removal === 'soon') removed += 1
    else if (removal !== 'gone') stay += 1
    tell(message, removal)
  })
  say(`${removed} ${removed === 1 ? 'message' : 'messages'} removed\n`)
  return stay + unreadable > 0 ? 111 : 0
}

function meansOf(desk: Desk, tellsSenders: boolean): Means {
  process.chdir('..') // the home
  const virtualDomains = tellsSenders ? ConstMap.ofColonLines(readList('virtualdomains') ?? []) : undefined
  const queue = accountToBecome('queue')
  process.chdir('queue')
  return { desk, virtualDomains, queue }
}

/** What is removed is named in full, here and in the system's log: nothing else will tell. */
function tell(message: Selected, removal: Removal): void {
  if (removal !== 'removed' && removal !== 'soon') {
    say(`#${message.id} ${typeof removal === 'object' ? `stays: ${removal.why}` : outcomes[removal]}\n`)
    return
  }
  const { id, sender, recipients, others } = message
  const rest = others > 0 ? `; ${others} other recipients stay` : ''
  const named = `msg ${id} from <${printable(sender)}> to ${recipients.map(({ address }) => printable(address)).join(' ')}${rest}`
  writeSyslog('info', `removed ${named}`)
  say(`removed ${named}\n${removal === 'soon' ? `${describe(message)} ${outcomes.soon}\n` : ''}`)
}

if (isThread) answerParts(selectPart)
else void run('qrm', main)
