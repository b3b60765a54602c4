// NiFiFlow
