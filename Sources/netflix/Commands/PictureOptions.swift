import Charts
import Console

extension PictureFormat: ExpressibleByArgument {}

/// Where the pictures of a command go, and as what.
struct PictureOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Where the pictures go.", valueName: "FOLDER"))
  var pictures = "outputs"

  @Option(help: "As what they are drawn.")
  var pictureFormat = PictureFormat.png

  @Flag(help: "Draw none.")
  var noPictures = false
}
