/** Faults that logins.ts must find: whoever listens gets a right, or one has what is everybody's. */
import type { Mutation } from './mutations.ts'

const faults: readonly Omit<Mutation, 'file'>[] = [
  {
    what: 'logins: sessiond hears whoever can connect',
    edits: [{ file: 'sessiond/src/main.ts', find: 'mayCall: (uid) => uid === auth.uid', replace: 'mayCall: () => true' }],
    test: 'nobody but authd is heard',
  },
  {
    what: 'logins: the socket of sessiond is anybody’s',
    edits: [{ file: 'loginprotocol/src/listen.ts', find: 'owner === undefined ? 0o666 : 0o600', replace: '0o666' }],
    test: 'nobody but authd is heard',
  },
  {
    what: 'logins: authd answers anybody',
    edits: [
      { file: 'authd/src/main.ts', find: 'mayCall: (uid) => callers.has(uid)', replace: 'mayCall: () => true' },
      { file: 'authd/src/main.ts', find: 'callers.get(uid) ?? new Set(), uid', replace: "new Set<Caller>(['front', 'owner']), uid" },
    ],
    test: 'no account but those of fronts',
  },
  {
    what: 'logins: authd lets a front store passwords',
    edits: [{ file: 'authd/src/authd.ts', find: "record?.[0] === 'store' && callers.has('owner')", replace: "record?.[0] === 'store'" }],
    test: 'a fallen front stores no password',
  },
  {
    what: 'logins: the front stays root',
    edits: [{ file: 'popup/src/main.ts', find: "if (file === login) become('front')\n  }", replace: '}' }],
    test: 'the front has no right',
  },
  {
    what: 'logins: what was right stays right when the password changes',
    edits: [{ file: 'authd/src/proofs.ts', find: ' && proven.line === line', replace: '' }],
    test: 'a password that was changed',
  },
  {
    what: 'logins: sessions live on when the password changes',
    edits: [{ file: 'authd/src/passwords.ts', find: 'if (lines.get(login) !== line) this.#changed(login)', replace: '{}' }],
    test: 'a password that was changed',
  },
  {
    what: 'logins: the passwords stay where they were, for others to reach',
    edits: [
      {
        file: 'password/src/place.ts',
        find: "mkdirSync('state/auth', 0o700)",
        replace: "mkdirSync('state/auth'); chmodSync('state/auth', 0o755)",
      },
    ],
    test: 'a fallen front reads',
  },
  {
    what: 'logins: one line for all who wait',
    edits: [
      { file: 'authd/src/line.ts', find: '[String(caller), network, client], resolve', replace: '[], resolve' },
      {
        file: 'authd/src/line.ts',
        find: 'const mine = isKnown ? this.#known : this.#strangers',
        replace: 'const mine = this.#strangers; void isKnown; void network',
      },
    ],
    test: 'a flood of wrong passwords',
  },
  {
    what: 'logins: a guess at what was right a short while ago costs nothing',
    edits: [
      {
        file: 'authd/src/judge.ts',
        find: 'if (!this.#known.knows(client, login) || this.#wrong.areMany(login, performance.now())) return false\n',
        replace: 'void client\n',
      },
    ],
    test: 'after ten wrong passwords',
  },
  {
    what: 'logins: strangers are checked as often as they like',
    edits: [{ file: 'authd/src/wrong.ts', find: 'if (now < count.nextAt) return false', replace: '' }],
    test: 'after ten wrong passwords',
  },
  {
    what: 'logins: sessiond starts a process in a home that it has not asked',
    edits: [{ file: 'sessiond/src/sessiond.ts', find: '      await this.#homes.ownerOf(mailbox.home)\n', replace: '' }],
    test: 'a home on a file system',
  },
  {
    what: 'logins: one login has all sessions that there are',
    edits: [
      {
        file: 'sessiond/src/sessiond.ts',
        find: 'if (sessions.size >= most) throw',
        replace: 'if (most < 0) throw',
      },
    ],
    test: 'a login has so many sessions',
  },
  {
    what: 'logins: a session is started before its front can end it',
    edits: [
      {
        file: 'sessiond/src/session.ts',
        find: 'return Conversation.accepted(fd)',
        replace:
          'try { return Conversation.accepted(fd) } catch { return { record: () => new Promise(() => undefined), say: async () => undefined, close: () => undefined } as unknown as Conversation }',
      },
    ],
    test: 'a session that its front',
  },
  {
    what: 'logins: the pipes of sessions are read as long as a user likes',
    edits: [
      {
        file: 'sessionlog/src/main.ts',
        find: 'if (oldest !== undefined && others.length + 1 >= sessionsPerLogin) stop(oldest)',
        replace: 'void [oldest, others, sessionsPerLogin]',
      },
    ],
    test: 'a user who keeps the pipes',
  },
]

export const loginMutations: readonly Mutation[] = faults.map((fault) => ({ ...fault, file: 'logins.ts' }))
