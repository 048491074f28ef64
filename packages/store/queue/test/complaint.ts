import { FrameError } from '@yabumi/enqueue'
import t from 'tap'
import { Complaints, complaintAbout } from '../src/complaint.ts'
import { exitCode, QueueTrouble } from '../src/exitcode.ts'

function trouble(code: 53 | 65, errno: string): QueueTrouble {
  return new QueueTrouble(code, { cause: Object.assign(new Error(errno), { code: errno }) })
}

t.test('trouble of the system is one line with the place and the remedy', async (t) => {
  t.equal(
    complaintAbout(trouble(exitCode.intd, 'ENOENT'), '/home'),
    'queue: unable to create files in queue/intd of /home: file does not exist; messages are turned away for now; repair the queue with config-fast',
  )
  t.match(
    complaintAbout(trouble(exitCode.writeError, 'EIO'), '/home'),
    'input/output error; messages are turned away for now; look after the disk',
  )
})

t.test('what the client has done wrong is not the operator’s affair', async (t) => {
  for (const code of [exitCode.addressTooLong, exitCode.format, exitCode.readError])
    t.equal(complaintAbout(new QueueTrouble(code), '/home'), undefined)
  t.equal(complaintAbout(new FrameError('x'), '/home'), undefined)
})

t.test('a bug says where it is', async (t) => {
  t.match(complaintAbout(new TypeError('x is not a function'), '/home'), /^queue: bug: TypeError: x is not a function\n.*complaint\.ts/)
})

t.test('the same complaint comes once a minute', async (t) => {
  const lines: string[] = []
  const complaints = new Complaints('/home', (line) => lines.push(line))
  for (const now of [0, 1_000, 59_999]) complaints.tell(trouble(exitCode.writeError, 'ENOSPC'), now)
  t.equal(lines.length, 1)
  complaints.tell(trouble(exitCode.intd, 'ENOSPC'), 59_999)
  t.equal(lines.length, 2, 'another kind at once')
  complaints.tell(trouble(exitCode.writeError, 'ENOSPC'), 60_000)
  t.equal(lines.length, 3)
})
