import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/openwebui/**/*.test.ts'],
    passWithNoTests: false,
    globalSetup: ['test/support/global-setup.ts', 'test/support/open-webui/global-setup.ts'],
    pool: 'forks',
    // There is one Open WebUI, and its settings are everybody's.
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
