import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/openwebui/**/*.test.ts'],
    passWithNoTests: false,
    globalSetup: ['test/support/global-setup.ts', 'test/support/open-webui/global-setup.ts'],
    pool: 'forks',
    // Each has an Open WebUI of its own.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
  },
})
