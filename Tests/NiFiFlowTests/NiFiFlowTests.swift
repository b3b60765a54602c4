// NiFiFlowTests
