"""Why nothing can be printed."""

from __future__ import annotations

from config.kernel.errors import Rejected


class LabelGlyphsMissing(Rejected):
    """The font would draw boxes where these characters stand."""

    slug, code = "label_glyphs_missing", 4033
    message = (
        "标签字体缺少这些字符：{characters}。请把环境变量 LABEL_FONT 设为包含它们的中文字体文件"
        "（TrueType 轮廓）并重启后再打印。"
    )


class LabelFontUnusable(Rejected):
    """No font file, or one whose outlines cannot be embedded (CFF/OTF)."""

    slug, code = "label_font_unusable", 4034
    message = (
        "标签字体不可用（{why}）。请安装 labels 组件自带的字体（pip install zhplot），或把环境变量"
        " LABEL_FONT 设为 TrueType 轮廓（.ttf）的中文字体文件，然后重启。"
    )


class LabelsNotInstalled(Rejected):
    """The extra that draws labels is not there."""

    slug, code = "labels_not_installed", 4035
    message = (
        "本机未安装打印面单所需的 labels 组件。请执行 pip install -r requirements.txt，"
        "或 pip install reportlab zhplot，然后重启。"
    )
