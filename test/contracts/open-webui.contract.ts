import { beforeAll, describe } from 'vitest'
import { type OpenedOpenWebui, openWebuiClient } from '../support/open-webui/client.ts'
import { administrationContract } from './open-webui/administration.contract.ts'
import { completionsContract } from './open-webui/completions.contract.ts'
import { pathsContract } from './open-webui/paths.contract.ts'
import { sessionsContract } from './open-webui/sessions.contract.ts'
import { signInContract } from './open-webui/sign-in.contract.ts'
import { socketContract } from './open-webui/socket.contract.ts'

/**
 * What Portero relies on in Open WebUI, as raw HTTP: held against the real program and against its stand-in, which is set up as it
 * is behind Portero. Uses accounts of its own and changes no settings. Behind it is the model of the tests.
 */
export function openWebuiContract(name: string, opened: () => OpenedOpenWebui): void {
  describe(`${name} keeps the contract of Open WebUI`, () => {
    const client = openWebuiClient(opened)
    beforeAll(client.prepare, 60_000)

    signInContract(client)
    sessionsContract(client)
    administrationContract(client)
    pathsContract(client)
    socketContract(client)
    completionsContract(client)
  })
}
