import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'

const bin = join(import.meta.dirname, '../../../../bin/except')

async function except(...args: string[]) {
  const { exitCode, stdout, stderr } = await execa(bin, args, { input: 'A: b\n', reject: false })
  return { exit: exitCode, stdout, stderr }
}

t.test('the exit code is turned round', async (t) => {
  t.same(await except('true'), { exit: 100, stdout: '', stderr: '' })
  t.same(await except('false'), { exit: 0, stdout: '', stderr: '' })
  t.same(await except('sh', '-c', 'exit 100'), { exit: 0, stdout: '', stderr: '' })
  t.same(await except('/no/such/program'), { exit: 0, stdout: '', stderr: '' })
})

t.test('the program reads the message, and its output is the bounce', async (t) => {
  t.same(await except('grep', 'b'), { exit: 100, stdout: 'A: b', stderr: '' })
})

t.test('trouble that may pass is exit code 111', async (t) => {
  t.same(await except('sh', '-c', 'exit 111'), { exit: 111, stdout: '', stderr: 'except: fatal: temporary child error' })
  t.same(await except('sh', '-c', 'kill -9 $$'), { exit: 111, stdout: '', stderr: 'except: fatal: child crashed' })
})

t.test('without a program it says how to call it', async (t) => {
  t.same(await except(), { exit: 100, stdout: '', stderr: 'except: usage: except program [ arg ... ]' })
})
