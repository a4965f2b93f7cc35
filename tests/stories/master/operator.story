# Operators reserve resources for a role and make volumes on them; offers are taken back for it.

> agent a1 cpus:4;disk:1000
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4;disk:1000
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> framework f1 roles=eng failover=1h
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=eng resources=cpus:4;disk:1000}]
> operator reserve a1 disk:200@ops
  ! resources_converted agent=c-A1 from=disk:200 to=disk(ops):200
  f1 <- RescindOffers offers=[1] reason="an operator needs the resources"
  a1 <- CheckpointResources resources=disk(ops):200
  operator <- OperatorAnswer text="agent c-A1 has cpus:4;disk:800;disk(ops):200"
  f1 <- Offers offers=[{id=2 agent_id=c-A1 hostname=a1 role=eng resources=cpus:4;disk:800}]
> operator create a1 logs:disk:200@ops
  ! resources_converted agent=c-A1 from=disk(ops):200 to=disk(ops)[logs:data]:200
  a1 <- CheckpointResources resources=disk(ops)[logs:data]:200
  operator <- OperatorAnswer text="agent c-A1 has cpus:4;disk:800;disk(ops)[logs:data]:200"
> operator unreserve a1 disk:200@ops
  ! operator_refused request=UnreserveResources principal="" problem="resources: takes disk(ops):200, but of agent c-A1 only cpus:4;disk:800;disk(ops)[logs:data]:200 is not in use"
  operator <- OperatorAnswer error="resources: takes disk(ops):200, but of agent c-A1 only cpus:4;disk:800;disk(ops)[logs:data]:200 is not in use"
> operator reserve a1 cpus:5@ops
  ! operator_refused request=ReserveResources principal="" problem="resources: takes cpus:5, but of agent c-A1 only cpus:4;disk:800;disk(ops)[logs:data]:200 is not in use"
  operator <- OperatorAnswer error="resources: takes cpus:5, but of agent c-A1 only cpus:4;disk:800;disk(ops)[logs:data]:200 is not in use"
> operator destroy a1 logs:disk:200@ops
  ! resources_converted agent=c-A1 from=disk(ops)[logs:data]:200 to=disk(ops):200
  a1 <- CheckpointResources resources=disk(ops):200
  operator <- OperatorAnswer text="agent c-A1 has cpus:4;disk:800;disk(ops):200"
> operator unreserve a1 disk:200@ops
  ! resources_converted agent=c-A1 from=disk(ops):200 to=disk:200
  a1 <- CheckpointResources
  operator <- OperatorAnswer text="agent c-A1 has cpus:4;disk:1000"
  f1 <- Offers offers=[{id=3 agent_id=c-A1 hostname=a1 role=eng resources=disk:200}]
> state
  a1 active used= offered=cpus:4;disk:1000
