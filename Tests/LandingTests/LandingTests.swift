// LandingTests
