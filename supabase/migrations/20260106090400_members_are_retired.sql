-- A member who leaves is retired: calls and the log point at members for ever. The service could still delete one who
-- had no call yet, and with that their presence; nobody needs to.
revoke delete on public.voip_users from service_role;
