/** Every command, by its name. */
import type { Commands } from '../session.ts'
import {
  answerCapability,
  answerCheck,
  answerCompress,
  answerEnable,
  answerId,
  answerLogout,
  answerNamespace,
  answerNoop,
} from './always.ts'
import { answerAppend, incoming } from './append.ts'
import { answerCopy } from './copy.ts'
import { answerExpunge } from './expunge.ts'
import { answerFetch } from './fetch.ts'
import { answerCreate, answerDelete, answerRename, answerSubscribe, answerUnsubscribe } from './folders.ts'
import { answerIdle } from './idle.ts'
import { answerList, answerLsub } from './list.ts'
import { answerGetMetadata, answerSetMetadata } from './metadata.ts'
import { answerNotify } from './notify.ts'
import { answerGetQuota, answerGetQuotaRoot } from './quota.ts'
import { answerCancelUpdate, answerSearch, answerSort, answerThread } from './search.ts'
import { answerClose, answerSelect, answerUnselect } from './select.ts'
import { answerStatus } from './status.ts'
import { answerStore } from './store.ts'

const handlers: Commands['handlers'] = {
  APPEND: answerAppend,
  CANCELUPDATE: answerCancelUpdate,
  CAPABILITY: answerCapability,
  CHECK: answerCheck,
  CLOSE: answerClose,
  COMPRESS: answerCompress,
  COPY: answerCopy,
  CREATE: answerCreate,
  DELETE: answerDelete,
  ENABLE: answerEnable,
  EXAMINE: answerSelect,
  EXPUNGE: answerExpunge,
  FETCH: answerFetch,
  GETMETADATA: answerGetMetadata,
  GETQUOTA: answerGetQuota,
  GETQUOTAROOT: answerGetQuotaRoot,
  ID: answerId,
  IDLE: answerIdle,
  LIST: answerList,
  LOGOUT: answerLogout,
  LSUB: answerLsub,
  MOVE: answerCopy,
  NAMESPACE: answerNamespace,
  NOOP: answerNoop,
  NOTIFY: answerNotify,
  RENAME: answerRename,
  REPLACE: answerAppend,
  SEARCH: answerSearch,
  SELECT: answerSelect,
  SETMETADATA: answerSetMetadata,
  SORT: answerSort,
  STATUS: answerStatus,
  STORE: answerStore,
  SUBSCRIBE: answerSubscribe,
  THREAD: answerThread,
  'UID COPY': answerCopy,
  'UID EXPUNGE': answerExpunge,
  'UID FETCH': answerFetch,
  'UID MOVE': answerCopy,
  'UID REPLACE': answerAppend,
  'UID SEARCH': answerSearch,
  'UID SORT': answerSort,
  'UID STORE': answerStore,
  'UID THREAD': answerThread,
  UNSELECT: answerUnselect,
  UNSUBSCRIBE: answerUnsubscribe,
}

export const commands: Commands = {
  handlers,
  incoming,
}
