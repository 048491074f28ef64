/** control/routepasswords: logins for the relays of routes that have none themselves (spec §17.5). */
import { lowerCase } from '@yabumi/address'
import { keepUntilChanged } from '@yabumi/control'
import { type Login, loginIn } from './login.ts'
import type { Route } from './route.ts'
import { secretLines } from './secretlines.ts'

const logins = keepUntilChanged(['routepasswords'], () => {
  const found = new Map<string, Login>()
  for (const line of secretLines('routepasswords').values()) {
    const [relay = '', ...words] = line.split('|')
    const login = loginIn(words)
    if (login !== undefined && !found.has(lowerCase(relay))) found.set(lowerCase(relay), login)
  }
  return found
})

/** A route with the login that control/routepasswords has for its relay. @throws Trouble 4.3.0 if the file cannot be read, or if everybody can */
export function withLogin(route: Route): Route {
  const login = route.login ?? (route.relay ? logins().get(lowerCase(route.host)) : undefined)
  return login === undefined ? route : { ...route, login }
}
