-- A small team to try the board with. For development only: the password is published.
-- Runs after the migrations, on `supabase start` and on the stand-in alike, and changes nothing when it runs again.
-- Everybody's password: switchboard

insert into auth.users (
  instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, created_at, updated_at,
  raw_app_meta_data, raw_user_meta_data, is_super_admin,
  -- The Auth server cannot read a user whose tokens are null.
  confirmation_token, recovery_token, email_change_token_new, email_change, email_change_token_current,
  phone_change, phone_change_token, reauthentication_token
)
select
  '00000000-0000-0000-0000-000000000000', id, 'authenticated', 'authenticated', email,
  extensions.crypt('switchboard', extensions.gen_salt('bf', 10)), now(), now(), now(),
  '{"provider": "email", "providers": ["email"]}',
  jsonb_build_object('sub', id, 'email', email, 'email_verified', true, 'phone_verified', false),
  false, '', '', '', '', '', '', '', ''
from (values
  ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, 'doug@example.com'),
  ('aaaaaaaa-0000-4000-8000-000000000002'::uuid, 'rhonda@example.com'),
  ('aaaaaaaa-0000-4000-8000-000000000003'::uuid, 'sue@example.com')
) as people (id, email)
on conflict do nothing;

insert into auth.identities (provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
select
  id::text, id, jsonb_build_object('sub', id, 'email', email, 'email_verified', true, 'phone_verified', false),
  'email', now(), now(), now()
from auth.users
where email in ('doug@example.com', 'rhonda@example.com', 'sue@example.com')
on conflict do nothing;

insert into public.voip_users (id, user_id, display_name, identity, role, is_available)
select m.id, u.id, m.display_name, m.identity, m.role, true
from (values
  ('11111111-0000-4000-8000-000000000001'::uuid, 'doug@example.com', 'Doug', 'agent_doug', 'agent'),
  ('11111111-0000-4000-8000-000000000002'::uuid, 'rhonda@example.com', 'Rhonda', 'agent_rhonda', 'agent'),
  ('11111111-0000-4000-8000-000000000003'::uuid, 'sue@example.com', 'Sue', 'supervisor_sue', 'supervisor')
) as m (id, email, display_name, identity, role)
join auth.users u on u.email = m.email
on conflict do nothing;

-- 555-0100 to 555-0199 are reserved for fiction: no call goes to a stranger.
insert into public.contacts (number, name, company, notes) values
  ('+12025550101', 'Ada Moreno', 'Moreno Dental', 'Prefers to be called back after 16:00.'),
  ('+12025550102', 'Ben Okafor', 'Okafor & Sons Roofing', null),
  ('+12025550103', 'Clara Lindqvist', null, 'New customer since spring.'),
  ('+12025550104', 'Dev Patel', 'Harbour Bikes', 'Wholesale account.'),
  ('+12025550105', 'Erin Walsh', 'Walsh Legal', null)
on conflict do nothing;
