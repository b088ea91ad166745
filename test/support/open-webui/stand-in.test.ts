import { afterAll, beforeAll } from 'vitest'
import { openWebuiSetUpOtherwiseContract } from '../../contracts/open-webui/set-up-otherwise.contract.ts'
import { openWebuiContract } from '../../contracts/open-webui.contract.ts'
import { modelName, openStandInModel, type StandInModel } from './model.ts'
import { type OpenWebuiStandIn, openOpenWebuiStandIn } from './stand-in.ts'

const publicOrigin = 'http://portero.example'
let standIn: OpenWebuiStandIn
let model: StandInModel
beforeAll(async () => {
  standIn = await openOpenWebuiStandIn({ CORS_ALLOW_ORIGIN: publicOrigin })
  model = await openStandInModel()
  standIn.models.set(modelName, model.url)
})
afterAll(async () => {
  await standIn.close()
  await model.close()
})

openWebuiContract('the stand-in', () => ({ url: standIn.url.origin, publicOrigin }))

openWebuiSetUpOtherwiseContract('the stand-in', async (settings) => {
  const { url, close } = await openOpenWebuiStandIn(settings)
  return { url: url.origin, close }
})
