import type { TestProject } from 'vitest/node'
import { freePorts } from './free-ports.ts'
import { installOpenWebui } from './install.ts'
import { openStandInModel } from './model.ts'
import { startOpenWebui } from './start.ts'

/** What the global setup hands to every test file of `npm run test:openwebui`. */
declare module 'vitest' {
  interface ProvidedContext {
    /** The run's one Open WebUI, past Portero. Nobody has an account there in the beginning. */
    openWebuiUrl: string
    /** The origin that it takes for its own: where the tests start Portero. */
    publicOrigin: string
    /** The address of its model, with `/v1`. */
    modelUrl: string
  }
}

/** One real Open WebUI with a model for the whole run; nothing of it is left afterwards but the install. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await installOpenWebui()
  const [porteroPort, port] = (await freePorts(2)) as [number, number]
  const publicUrl = `http://127.0.0.1:${porteroPort}`
  const model = await openStandInModel()
  const openWebui = await startOpenWebui({ publicUrl, port, modelUrl: model.url }).catch(async (error) => {
    await model.close()
    throw error
  })
  process.stdout.write(
    `Open WebUI is ready at ${openWebui.url} after ${openWebui.startSeconds.toFixed(1)} s\n`,
  )
  project.provide('openWebuiUrl', openWebui.url)
  project.provide('publicOrigin', publicUrl)
  project.provide('modelUrl', model.url)
  return async () => {
    await openWebui.stop()
    await model.close()
  }
}
