//! Tables inside of tables.

use serde_json::{Value, json};

use super::{Case, board, play};

#[tokio::test(flavor = "multi_thread")]
async fn embeds_are_found_filtered_and_ordered_as_by_the_real_server() {
    let stand = board().await;
    let cases = vec![
        // By constraint, by column, by either column as a hint.
        Case::new("GET /calls?select=version,calls_assigned_to_fkey(identity)&version=eq.102", 200)
            .gives(json!([{"version": 102, "calls_assigned_to_fkey": {"identity": "agent_rhonda"}}])),
        Case::new("GET /voip_users?select=identity,calls!voip_users_current_call_id_fkey(version)&identity=eq.agent_rhonda", 200)
            .gives(json!([{"identity": "agent_rhonda", "calls": {"version": 102}}])),
        Case::new("GET /voip_users?select=current_call_id(version)&identity=eq.agent_rhonda", 200)
            .gives(json!([{"current_call_id": {"version": 102}}])),
        Case::new("GET /voip_users?select=identity,taken:calls!assigned_to(version)&identity=eq.agent_rhonda", 200)
            .gives(json!([{"identity": "agent_rhonda", "taken": [{"version": 102}]}])),
        Case::new("GET /calls?select=version,holder:voip_users!current_call_id(identity)&version=eq.102", 200)
            .gives(json!([{"version": 102, "holder": [{"identity": "agent_rhonda"}]}])),
        Case::new("GET /calls?select=version,assigned_to!calls_assigned_to_fkey(id)", 400)
            .refuses("PGRST200", "Could not find a relationship between 'calls' and 'assigned_to' in the schema cache",
                json!("Searched for a foreign key relationship between 'calls' and 'assigned_to' using the hint \
                    'calls_assigned_to_fkey' in the schema 'public', but no matches were found."), Value::Null),
        Case::new("GET /calls?select=id,users(id)", 400).refuses("PGRST200",
            "Could not find a relationship between 'calls' and 'users' in the schema cache",
            json!("Searched for a foreign key relationship between 'calls' and 'users' in the schema 'public', \
                but no matches were found."), json!("Perhaps you meant 'voip_users' instead of 'users'.")),
        Case::new("GET /calls?select=id,voip_users!nope(id)", 400).gives(json!({"code": "PGRST200", "hint": null, "…": 0})),
        Case::new("GET /call_events?select=id,voip_users(id)", 300).gives(json!({"code": "PGRST201", "…": 0})),
        // What an embed is called, and whether it is there.
        Case::new("GET /calls?select=version,agent:voip_users!assigned_to()&version=eq.102", 200)
            .gives(json!([{"version": 102}])),
        Case::new("GET /calls?select=version,agent:voip_users!assigned_to!inner()", 200).gives(json!([{"version": 102}])),
        Case::new("GET /calls?select=version,voip_users!assigned_to()&voip_users=not.is.null", 200)
            .gives(json!([{"version": 102}])),
        Case::new("GET /calls?select=version,agent:voip_users!assigned_to(id)&agent=is.null&order=version&limit=2", 200)
            .with("prefer", "count=planned").gives(json!([{"version": 100, "agent": null}, {"version": 101, "agent": null}])),
        Case::new("GET /calls?select=version,call_events()&call_events.version=eq.103&call_events=not.is.null", 200)
            .gives(json!([{"version": 103}])),
        Case::new("GET /calls?select=version,agent:voip_users!assigned_to()&or=(agent.not.is.null,version.eq.100)&order=version", 200)
            .with("prefer", "count=exact").gives(json!([{"version": 100}, {"version": 102}])).header("content-range", "0-1/2"),
        Case::new("GET /calls?select=version,assigned_to(identity)&assigned_to=eq.11111111-0000-4000-8000-000000000002", 200)
            .gives(json!([{"version": 102, "assigned_to": {"identity": "agent_rhonda"}}])),
        Case::new("GET /calls?select=id,agent:voip_users!assigned_to(id)&agent=eq.1", 400)
            .gives(json!({"code": "42703", "message": "column calls.agent does not exist", "…": 0})),
        Case::new("GET /calls?select=id&agent.id=eq.1", 400).refuses("PGRST108",
            "'agent' is not an embedded resource in this request", Value::Null,
            json!("Verify that 'agent' is included in the 'select' query parameter.")),
        // Orders and pages of embeds, by them and in them.
        Case::new("GET /calls?select=version,agent:voip_users!assigned_to(name:display_name,identity)&order=agent(identity).desc.nullslast,version&limit=2", 200)
            .gives(json!([{"version": 102, "agent": {"name": "Rhonda", "identity": "agent_rhonda"}}, {"version": 100, "agent": null}])),
        Case::new("GET /calls?select=version,agent:voip_users!assigned_to(identity)&order=agent(display_name)", 400)
            .gives(json!({"code": "42703", "message": "column calls_agent_1.display_name does not exist", "…": 0})),
        Case::new("GET /calls?select=version,call_events(id)&order=call_events(id)", 400).refuses("PGRST118",
            "A related order on 'call_events' is not possible",
            json!("'calls' and 'call_events' do not form a many-to-one or one-to-one relationship"), Value::Null),
        Case::new("GET /calls?order=agent(id)", 400).gives(json!({"code": "PGRST108", "…": 0})),
        // The one partner has an order and a page too, however little there is to order.
        Case::new("GET /calls?select=version,agent:voip_users!assigned_to(identity)&agent.order=nope", 400)
            .gives(json!({"code": "42703", "message": "column voip_users_1.nope does not exist", "…": 0})),
        Case::new("GET /calls?select=version,agent:voip_users!assigned_to(identity)&agent.limit=0&version=eq.102", 200)
            .gives(json!([{"version": 102, "agent": null}])),
        Case::new("GET /calls?select=version,agent:voip_users!assigned_to(identity)&agent.offset=1&version=eq.102", 200)
            .gives(json!([{"version": 102, "agent": null}])),
        Case::new("GET /calls?select=version,call_events(version)&call_events.limit=0&version=eq.102", 200)
            .gives(json!([{"version": 102, "call_events": []}])),
        Case::new("GET /calls?select=version,call_events(to_status,actor(identity),call_id(version))&call_events.order=id&version=eq.103", 200)
            .gives(json!([{"version": 103, "call_events": [{"to_status": "parked", "actor": null, "call_id": {"version": 103}}]}])),
        // Spread.
        Case::new("GET /calls?select=version,...voip_users!assigned_to(identity,display_name)&version=gte.102&order=version&limit=2", 200)
            .gives(json!([{"version": 102, "identity": "agent_rhonda", "display_name": "Rhonda"},
                {"version": 103, "identity": null, "display_name": null}])),
        Case::new("GET /calls?select=version,...call_events(events:to_status,at_version:version)&version=eq.103", 200)
            .gives(json!([{"version": 103, "events": ["parked"], "at_version": [103]}])),
        Case::new("GET /voip_users?select=identity,...calls!assigned_to!inner(versions:version)", 200)
            .gives(json!([{"identity": "agent_rhonda", "versions": [102]}])),
        Case::new("GET /voip_users?select=identity,...calls!assigned_to(version)&order=identity&limit=1", 200)
            .gives(json!([{"identity": "agent_doug", "version": []}])),
        Case::new("GET /call_events?select=version,...calls(call:version,...voip_users!assigned_to(who:identity))&version=eq.102", 200)
            .gives(json!([{"version": 102, "call": 102, "who": "agent_rhonda"}])),
        Case::new("GET /calls?select=version,...call_events(*)&version=eq.103", 200)
            .gives(json!([{"to_status": ["parked"], "call_id": ["22222222-0000-4000-8000-000000000004"], "…": 0}])),
    ];
    play(&stand, cases).await;
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_to_many_and_self_references_are_found() {
    let stand = board().await;
    stand
        .owner
        .batch_execute(
            "create table public.skills (id int primary key, name text not null);
             create table public.member_skills (member uuid references public.voip_users, skill int references public.skills,
               primary key (member, skill));
             create table public.teams (id int primary key, parent int references public.teams, data jsonb);
             insert into public.skills values (1, 'sales'), (2, 'support');
             insert into public.member_skills values ('11111111-0000-4000-8000-000000000001', 1),
               ('11111111-0000-4000-8000-000000000001', 2), ('11111111-0000-4000-8000-000000000002', 2);
             insert into public.teams values (1, null, '{\"a\": [1, {\"b\": \"x\"}]}'), (2, 1, null), (3, 1, '{\"a\": 5}');
             grant select on public.skills, public.member_skills, public.teams to authenticated;
             notify pgrst",
        )
        .await
        .expect("more tables");
    super::ask::until(&stand, Case::new("GET /skills", 200)).await;
    let cases = vec![
        Case::new("GET /voip_users?select=identity,skills(name)&skills.order=name.desc&order=identity&limit=2", 200)
            .gives(json!([{"identity": "agent_doug", "skills": [{"name": "support"}, {"name": "sales"}]},
                {"identity": "agent_rhonda", "skills": [{"name": "support"}]}])),
        Case::new("GET /skills?select=name,voip_users!member_skills!inner(identity)&voip_users.identity=eq.agent_doug&order=id", 200)
            .with("prefer", "count=exact").header("content-range", "0-1/2")
            .gives(json!([{"name": "sales", "voip_users": [{"identity": "agent_doug"}]},
                {"name": "support", "voip_users": [{"identity": "agent_doug"}]}])),
        Case::new("GET /teams?select=id,teams(id)&id=eq.1", 200).gives(json!([{"id": 1, "teams": [{"id": 2}, {"id": 3}]}])),
        Case::new("GET /teams?select=id,parent(id)&id=eq.3", 200).gives(json!([{"id": 3, "parent": {"id": 1}}])),
        Case::new("GET /teams?select=id,children:teams!parent(id)&id=eq.1", 200)
            .gives(json!([{"id": 1, "children": [{"id": 2}, {"id": 3}]}])),
        Case::new("GET /teams?select=data-%3Ea-%3E1-%3E%3Eb,n:data-%3Ea-%3E0,data-%3Ea-%3E-1&id=eq.1", 200)
            .gives(json!([{"b": "x", "n": 1, "a": {"b": "x"}}])),
        Case::new("GET /teams?select=id&data-%3E%3Ea=eq.5", 200).gives(json!([{"id": 3}])),
        Case::new("GET /teams?select=id&data-%3Ea=gt.4&order=data-%3Ea", 200).gives(json!([{"id": 3}, {"id": 1}])),
        Case::new("GET /teams?select=id&data=cs.{%22a%22:5}", 200).gives(json!([{"id": 3}])),
        Case::new("GET /teams?select=id&or=(data-%3E%3Ea.eq.5,id.eq.2)&order=id", 200).gives(json!([{"id": 2}, {"id": 3}])),
        Case::new("OPTIONS /member_skills", 200).header("allow", "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE"),
    ];
    play(&stand, cases).await;
    stand.stop().await;
}
