// WarehouseTests
