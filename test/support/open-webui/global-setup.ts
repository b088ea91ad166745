import type { TestProject } from 'vitest/node'
import { freePorts } from './free-ports.ts'
import { installOpenWebui } from './install.ts'
import { openStandInModel } from './model.ts'
import type { Place } from './place.ts'
import { startOpenWebui } from './start.ts'

/** A real Open WebUI with a model for each worker of the run; nothing of them is left afterwards but the install. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await installOpenWebui()
  const closes: (() => Promise<void>)[] = []
  const close = async () => {
    for (const one of closes.splice(0).reverse()) await one()
  }
  const opening = Array.from({ length: project.config.maxWorkers }, () => openPlace(closes))
  const opened = await Promise.allSettled(opening)
  const failed = opened.find(({ status }) => status === 'rejected')
  if (failed !== undefined) await close()
  project.provide('places', await Promise.all(opening))
  return close
}

async function openPlace(closes: (() => Promise<void>)[]): Promise<Place> {
  const [porteroPort, port] = (await freePorts(2)) as [number, number]
  const publicOrigin = `http://127.0.0.1:${porteroPort}`
  const model = await openStandInModel()
  closes.push(model.close)
  const openWebui = await startOpenWebui({ publicUrl: publicOrigin, port, modelUrl: model.url })
  closes.push(openWebui.stop)
  const { url, startSeconds } = openWebui
  process.stdout.write(`Open WebUI is ready at ${url} after ${startSeconds.toFixed(1)} s\n`)
  return { openWebuiUrl: url, publicOrigin, modelUrl: model.url }
}
