import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/proxies/**/*.test.ts'],
    passWithNoTests: false,
    // What was tried is worth reading, also where nothing failed.
    reporters: ['verbose'],
    globalSetup: 'test/support/global-setup.ts',
    pool: 'forks',
    // One nginx or Caddy at a time.
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
  },
})
