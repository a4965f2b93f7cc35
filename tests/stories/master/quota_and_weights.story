# Weights and quota are told at once, durable before they are acknowledged, and refused with reasons.

> agent a1 cpus:4
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> agent a2 cpus:4
  ! agent_registered agent=c-A2 hostname=a2 resources=cpus:4
  a2 <- AgentRegistered agent_id=c-A2 master=(master) ping_timeout=75secs
> framework f1 roles=eng/web failover=1h
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=eng/web resources=cpus:4} {id=2 agent_id=c-A2 hostname=a2 role=eng/web resources=cpus:4}]
> weights
  operator <- OperatorAnswer text="every role weighs 1"
> weights eng=2 ops=3
  ! weight_set role=eng weight=2
  ! weight_set role=ops weight=3
  operator <- OperatorAnswer text="eng=2\nops=3\nevery other role weighs 1"
> weights eng=0
  ! operator_refused request=SetWeights principal="" problem="weights[0]: weight: is 0, but must be a number above 0"
  operator <- OperatorAnswer error="weights[0]: weight: is 0, but must be a number above 0"
> quota eng limit=cpus:4
  ! quota_set role=eng guarantee="" limit=cpus:4
  f1 <- RescindOffers offers=[1] reason="the role 'eng' has a limit now"
  operator <- OperatorAnswer text="eng holds at most cpus:4"
  f1 <- Offers offers=[{id=3 agent_id=c-A1 hostname=a1 role=eng/web resources=cpus:4}]
> quota eng/web guarantee=cpus:5
  ! operator_refused request=SetQuota principal="" problem="role 'eng': the roles below it are guaranteed cpus:5, more than its limit of cpus:4"
  operator <- OperatorAnswer error="role 'eng': the roles below it are guaranteed cpus:5, more than its limit of cpus:4"
> quota ops guarantee=cpus:6
  ! quota_set role=ops guarantee=cpus:6 limit=none
  f1 <- RescindOffers offers=[2 3] reason="it is needed for what the role 'ops' is guaranteed"
  operator <- OperatorAnswer text="eng holds at most cpus:4\nops is guaranteed cpus:6"
  f1 <- Offers offers=[{id=4 agent_id=c-A1 hostname=a1 role=eng/web resources=cpus:4} {id=5 agent_id=c-A2 hostname=a2 role=eng/web resources=cpus:4}]
> quota ops guarantee=cpus:60
  ! operator_refused request=SetQuota principal="" problem="quotas: cpus:60 would be guaranteed to all roles together, more than the cluster has; force does it"
  operator <- OperatorAnswer error="quotas: cpus:60 would be guaranteed to all roles together, more than the cluster has; force does it"
> quota ops guarantee=cpus:60 force
  ! quota_set role=ops guarantee=cpus:60 limit=none
  f1 <- RescindOffers offers=[4 5] reason="it is needed for what the role 'ops' is guaranteed"
  operator <- OperatorAnswer text="eng holds at most cpus:4\nops is guaranteed cpus:60"
  f1 <- Offers offers=[{id=6 agent_id=c-A1 hostname=a1 role=eng/web resources=cpus:4} {id=7 agent_id=c-A2 hostname=a2 role=eng/web resources=cpus:4}]
> quota ops
  ! quota_set role=ops guarantee="" limit=none
  operator <- OperatorAnswer text="eng holds at most cpus:4"
