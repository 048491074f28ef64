/** The Node that is brought, from a registry of the test's own: only what has the hash of the source is taken. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'

const run = promisify(execFile)
const source = readFileSync(join(import.meta.dirname, '../src/runtime.mjs'), 'utf8')
const version = /pinned = '(.*)'/.exec(source)?.[1] ?? ''
const name = `node-${process.platform}-${process.arch}`
const npm = (process.env['PATH'] ?? '').split(delimiter).some((directory) => existsSync(join(directory, 'npm')))
const skip = { skip: !npm ? 'there is no npm' : !source.includes(`'${name}'`) && `no Node is pinned for ${name}` }

/** A package whose bin/node says what the test says. */
async function pack(t: Test, says: string): Promise<Buffer> {
  const directory = realpathSync(
    t.testdir({ package: { 'package.json': JSON.stringify({ name, version }), bin: { node: `#!/bin/sh\necho ${says}\n` } } }),
  )
  chmodSync(join(directory, 'package/bin/node'), 0o755)
  await run('tar', ['-czf', 'package.tgz', 'package'], { cwd: directory })
  return readFileSync(join(directory, 'package.tgz'))
}

function hashOf(bytes: Buffer): string {
  return `sha512-${createHash('sha512').update(bytes).digest('base64')}`
}

/** A registry that has one package, and tells its right hash. */
async function registry(t: Test, tarball: Buffer): Promise<string> {
  const server = createServer((request, response) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    if (request.url?.endsWith('.tgz')) response.end(tarball)
    else {
      const dist = { tarball: `${url}/${name}.tgz`, integrity: hashOf(tarball) }
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ name, 'dist-tags': { latest: version }, versions: { [version]: { name, version, dist } } }))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Run it where no Node is new enough, with this hash in the source. */
async function bring(root: string, registryUrl: string, integrity: string): Promise<{ code: number; complaint: string }> {
  const file = join(root, 'packages/workshop/build/src/runtime.mjs')
  mkdirSync(dirname(file), { recursive: true })
  const changed = source.replace(/floor = \[.*?\]/, 'floor = [999, 0]').replace(new RegExp(`('${name}': )'.*'`), `$1'${integrity}'`)
  writeFileSync(file, changed)
  const env = { ...process.env, npm_config_registry: registryUrl, npm_config_cache: join(root, 'cache') }
  try {
    await run(process.execPath, [file], { cwd: root, env })
    return { code: 0, complaint: '' }
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string }
    return { code, complaint: stderr }
  }
}

t.test('the Node that is brought has the hash of the source, and it is brought once', skip, async (t) => {
  const tarball = await pack(t, 'right')
  const root = join(realpathSync(t.testdirName), 'root')
  t.same(await bring(root, await registry(t, tarball), hashOf(tarball)), { code: 0, complaint: '' })
  const link = join(root, '.runtime/node')
  t.equal((await run(link)).stdout, 'right\n')
  t.same(await bring(root, 'http://127.0.0.1:1', hashOf(tarball)), { code: 0, complaint: '' }, 'nobody is asked again')
})

t.test('a Node with another hash is not used, though the registry vouches for it', skip, async (t) => {
  const wrong = await pack(t, 'wrong')
  const root = join(realpathSync(t.testdirName), 'root')
  const { code, complaint } = await bring(root, await registry(t, wrong), hashOf(Buffer.from('right')))
  t.equal(code, 111)
  t.match(complaint, /EINTEGRITY(?:.|\n)*unable to bring Node/)
  t.notOk(existsSync(join(root, '.runtime/node')))
})

t.test('one that was brought with another hash is replaced', skip, async (t) => {
  const [old, tarball] = [await pack(t, 'old'), await pack(t, 'right')]
  const root = join(realpathSync(t.testdirName), 'root')
  await bring(root, await registry(t, old), hashOf(old))
  rmSync(join(root, 'cache'), { recursive: true })
  t.same(await bring(root, await registry(t, tarball), hashOf(tarball)), { code: 0, complaint: '' })
  t.equal((await run(join(root, '.runtime/node'))).stdout, 'right\n')
})
