-- Run at every start, and harmless to run again: who may touch what. What is right already is left alone, since changing it
-- locks the table against the replicas that are at work. Row security is on everywhere; in `portero` it
-- binds the owner too, with one policy for the owner and one for the running service. Nobody else sees a row, whatever
-- rights a platform hands out by default. The people tables are the organisation's: their owner keeps its own way.
do $$
declare
  v_table text;
  v_people_table text := current_setting('portero.people_table');
  v_people_schema text := current_setting('portero.people_schema');
  v_rights text;
  v_has_runtime boolean := exists (select from pg_roles where rolname = 'portero_runtime');
begin
  for v_table in select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = 'portero' loop
    if not exists (select from pg_class where oid = v_table::regclass and relrowsecurity and relforcerowsecurity) then
      execute format('alter table %s enable row level security, force row level security', v_table);
    end if;
    if not exists (select from pg_policy where polrelid = v_table::regclass and polname = 'portero_owner'
                      and polroles = array[current_user::regrole::oid]) then
      execute format('drop policy if exists portero_owner on %s', v_table);
      execute format('create policy portero_owner on %s to %I using (true) with check (true)', v_table, current_user);
    end if;
    execute format('revoke all on %s from public', v_table);
    if v_has_runtime then
      if not exists (select from pg_policy where polrelid = v_table::regclass and polname = 'portero_runtime') then
        execute format('create policy portero_runtime on %s to portero_runtime using (true) with check (true)', v_table);
      end if;
      execute format('grant select, insert, update, delete on %s to portero_runtime', v_table);
    end if;
  end loop;

  foreach v_table in array array[v_people_table, 'public.telefono_usuario'] loop
    if v_has_runtime then
      if not exists (select from pg_policy where polrelid = v_table::regclass and polname = 'portero_runtime') then
        execute format('create policy portero_runtime on %s to portero_runtime using (true) with check (true)', v_table);
      end if;
      v_rights := case v_table when v_people_table then current_setting('portero.people_rights')
        else 'select, insert, update, delete' end;
      execute format('grant %s on %s to portero_runtime', v_rights, v_table);
    end if;
  end loop;
  if v_has_runtime and not has_schema_privilege('portero_runtime', v_people_schema, 'usage') then
    execute format('grant usage on schema %I to portero_runtime', v_people_schema);
    if not has_schema_privilege('portero_runtime', v_people_schema, 'usage') then
      raise insufficient_privilege using message = format('as the owner of that schema, run: grant usage on schema %I to portero_runtime;', v_people_schema);
    end if;
  end if;

  revoke all on all functions in schema portero from public;
  if v_has_runtime then
    grant usage on schema portero to portero_runtime;
    grant select on portero.live_sessions to portero_runtime;
    -- A right to change is what a lock wants, too.
    grant select, update on portero.records to portero_runtime;
    grant select, insert, update on portero.everybody to portero_runtime;
    grant execute on all functions in schema portero to portero_runtime;
    revoke update, delete on portero.access_log, portero.revocations from portero_runtime;
    revoke insert, update, delete on portero.migrations, portero.installation, portero.people_ties from portero_runtime;
  end if;
end $$;
