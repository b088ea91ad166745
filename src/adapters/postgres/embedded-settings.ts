import type { DatabaseAddress } from './database-url.ts'

/**
 * The server's postgresql.conf: small in memory for one application beside it, UTC, on this machine only, and with
 * nobody's data in its log (statements and values stay out). `overrides` win. For `major` as the server's version.
 */
export function embeddedSettings(
  major: number,
  address: DatabaseAddress,
  overrides: Readonly<Record<string, string>>,
): string {
  const isSocket = address.host.startsWith('/')
  const settings: Record<string, string> = {
    listen_addresses: isSocket ? '' : address.host,
    unix_socket_directories: isSocket ? address.host : '',
    unix_socket_permissions: '0700',
    port: String(address.port),
    timezone: 'UTC',
    log_timezone: 'UTC',
    datestyle: 'iso, ymd',
    lc_messages: 'C',
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_checkpoints: 'off',
    max_connections: '50',
    shared_buffers: '16MB',
    wal_buffers: '1MB',
    work_mem: '2MB',
    maintenance_work_mem: '16MB',
    max_wal_size: '256MB',
    max_worker_processes: '2',
    max_parallel_workers: '0',
    max_logical_replication_workers: '0',
    autovacuum_max_workers: '1',
    max_wal_senders: '0',
    wal_level: 'minimal',
    jit: 'off',
    client_connection_check_interval: '1s',
    ...(major >= 18 && { io_method: 'sync' }),
    // Windows cannot watch a connection while it works.
    ...(process.platform === 'win32' && { client_connection_check_interval: '0' }),
    ...overrides,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`)
  return `# Portero writes this file at each start. Settings of your own: ALTER SYSTEM.\n${lines.join('\n')}\n`
}
